//! Executes a program, in its own place, under a filter as old container runtimes have: without clone3, close_range and
//! the calls of pidfds. `container PROGRAM [ARGUMENT…]`, as root; so cargo runs tests by it as their runner.

use airtight_tests::{Refused, refuse_as_root};
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitCode};

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    let Some(program) = words.next() else {
        eprintln!("usage: container PROGRAM [ARGUMENT…]");
        return ExitCode::from(2);
    };
    let refused = |call, errno| Refused { call, operand: None, errno };
    refuse_as_root(&[
        // Not EPERM, as some had it: glibc makes no thread then.
        refused(libc::SYS_clone3, libc::ENOSYS),
        refused(libc::SYS_close_range, libc::EPERM),
        refused(libc::SYS_pidfd_open, libc::EPERM),
        refused(libc::SYS_pidfd_send_signal, libc::EPERM),
        refused(libc::SYS_pidfd_getfd, libc::EPERM),
    ]);
    let error = Command::new(&program).args(words).exec();
    eprintln!("{}: {error}", program.display());
    ExitCode::from(127)
}
