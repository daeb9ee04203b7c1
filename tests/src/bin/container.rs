//! Executes a program under a filter as old container runtimes have: without clone3, close_range and the calls of pidfds.
//! `container PROGRAM [ARGUMENT…]`, as root; so cargo runs tests by it as their runner.

use airtight_tests::{Refused, refuse_as_root, replaced_by_its_arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    let refused = |call, errno| Refused { call, operand: None, errno };
    replaced_by_its_arguments(|| {
        refuse_as_root(&[
            // Not EPERM, as some had it: glibc makes no thread then.
            refused(libc::SYS_clone3, libc::ENOSYS),
            refused(libc::SYS_close_range, libc::EPERM),
            refused(libc::SYS_pidfd_open, libc::EPERM),
            refused(libc::SYS_pidfd_send_signal, libc::EPERM),
            refused(libc::SYS_pidfd_getfd, libc::EPERM),
        ]);
    })
}
