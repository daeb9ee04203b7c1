//! Runners for cargo: `PROGRAM TEST [ARGUMENT…]`.

use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

/// Calls `prepare` to change this process, then executes the named program in its place. Uses std's exec, so that the
/// code under test is not part of the harness.
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
