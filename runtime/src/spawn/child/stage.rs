//! In the child: executes the stage, which takes the last steps.

use crate::error::Step;
use crate::plan::Plan;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use crate::spawn::task::Handle;

/// The step that the child reports when it cannot execute the stage. The child itself never clones in this case, so the
/// step is free.
pub(in crate::spawn) const UNAVAILABLE: Step = Step::Clone;

/// Executes the stage, with the argv and the environ of the program.
#[inline(always)]
pub(super) fn enter(plan: &Plan<'_>, handle: Handle) -> Result<(), FailedStep> {
    let fault = |failed| FailedStep::new(UNAVAILABLE, failed, 0);
    for fd in [Some(handle.report_fd), handle.directory].into_iter().flatten() {
        // SAFETY: fcntl takes no pointer here, and the descriptor is in the child's own table.
        unsafe { sys!(SYS_fcntl, fd, libc::F_SETFD, 0) }.map_err(fault)?;
    }
    let (argv, envp) = (plan.vectors.argv(), plan.vectors.envp());
    // SAFETY: the path is a C string, both vectors end with a null pointer, and all of it lives in the parent, which is
    // suspended, or in this process's own copy.
    unsafe { sys!(@ SYS_execveat, handle.file, c"".as_ptr(), argv, envp, libc::AT_EMPTY_PATH, 0) }
        .map(|_| ())
        // argv or environ would be too large for the program as well.
        .map_err(|failed| match failed {
            Failed(libc::E2BIG) => FailedStep::new(Step::Exec, failed, 0),
            _ => fault(failed),
        })
}
