//! In the child: the stage is executed, which takes the last steps.

use crate::error::Step;
use crate::plan::Plan;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{Failed, sys};
use crate::spawn::task::Handle;

/// What the child reports when it cannot execute the stage: no other step of its own is called so.
pub(in crate::spawn) const UNAVAILABLE: Step = Step::Clone;

/// In the child: executes the stage, with the program's argv and environ.
#[inline(always)]
pub(super) fn enter(plan: &Plan<'_>, handle: Handle) -> Result<(), Fault> {
    let fault = |failed| Fault::new(UNAVAILABLE, failed, 0);
    for fd in [Some(handle.report_fd), handle.directory].into_iter().flatten() {
        // SAFETY: the child's own table.
        unsafe { sys!(SYS_fcntl, fd, libc::F_SETFD, 0) }.map_err(fault)?;
    }
    let (argv, envp) = (plan.vectors.argv(), plan.vectors.envp());
    // SAFETY: the path is a C string, both vectors are ended by a null pointer, and all of it lives in the parent.
    unsafe { sys!(@ SYS_execveat, handle.file, c"".as_ptr(), argv, envp, libc::AT_EMPTY_PATH, 0) }
        .map(|_| ())
        // Too long an argv or environ is the program's as well.
        .map_err(|failed| match failed {
            Failed(libc::E2BIG) => Fault::new(Step::Exec, failed, 0),
            _ => fault(failed),
        })
}
