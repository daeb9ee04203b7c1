//! Executes a program, in its own place, where /proc is not mounted: `without_proc PROGRAM [ARGUMENT…]`, as root; so
//! cargo runs tests by it as their runner.

use airtight_tests::hide_proc;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: without_proc PROGRAM [ARGUMENT…]");
        return ExitCode::from(2);
    };
    hide_proc();
    let error = Command::new(&program).args(words).exec();
    eprintln!("{}: {error}", program.display());
    ExitCode::from(127)
}
