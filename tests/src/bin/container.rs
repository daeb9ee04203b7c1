//! Executes a program under the seccomp filter of an old container runtime, which refuses clone3, close_range and the
//! pidfd calls: `container PROGRAM [ARGUMENT…]`, as root. Serves cargo as the runner of tests.

use airtight_tests::{Refused, refuse_as_root, replaced_by_its_arguments};
use std::process::ExitCode;

fn main() -> ExitCode {
    let refused = |call, errno| Refused { call, operand: None, errno };
    replaced_by_its_arguments(|| {
        refuse_as_root(&[
            // ENOSYS, although some runtimes answered EPERM: with EPERM glibc cannot create a thread.
            refused(libc::SYS_clone3, libc::ENOSYS),
            refused(libc::SYS_close_range, libc::EPERM),
            refused(libc::SYS_pidfd_open, libc::EPERM),
            refused(libc::SYS_pidfd_send_signal, libc::EPERM),
            refused(libc::SYS_pidfd_getfd, libc::EPERM),
        ]);
    })
}
