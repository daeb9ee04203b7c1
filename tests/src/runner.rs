//! Programs that cargo runs tests by: `PROGRAM TEST [ARGUMENT…]`.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Executes the program that is named, in this one's place, once `prepare` has changed this process. By std, so that what is
/// tested does not test itself.
pub fn replaced_by_its_arguments(prepare: impl FnOnce()) -> ExitCode {
    let mut words = std::env::args_os();
    let own = words.next().unwrap_or_default();
    let Some(program) = words.next() else {
        eprintln!("usage: {} PROGRAM [ARGUMENT…]", own.display());
        return ExitCode::from(2);
    };
    prepare();
    let error = Command::new(&program).args(words).exec();
    eprintln!("{}: {error}", program.display());
    ExitCode::from(127)
}
