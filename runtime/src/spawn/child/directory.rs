//! In the child: the working directory and the umask.

use super::calls::Calls;
use crate::error::Step;
use crate::plan::Plan;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::sys;
use crate::spawn::task::Task;

#[inline(always)]
pub(super) fn umask(task: &Task<'_>) {
    if let Some(mask) = task.plan.umask {
        // SAFETY: umask takes no pointers and cannot fail.
        let was = unsafe { sys!(SYS_umask, mask) };
        if let (Some(before), Ok(was)) = (task.before, was) {
            before.note_umask(was as u32);
        }
    }
}

#[inline(always)]
pub(in crate::spawn) fn chdir(plan: &Plan<'_>, calls: &mut impl Calls) -> Result<(), FailedStep> {
    match (plan.descriptors.directory, plan.cwd) {
        (Some(directory), _) => calls.call(Step::Chdir, 0, libc::SYS_fchdir, [directory as usize, 0, 0, 0, 0]),
        (None, Some(path)) => {
            let path = calls.address(path.to_bytes_with_nul());
            calls.call(Step::Chdir, 0, libc::SYS_chdir, [path, 0, 0, 0, 0])
        }
        (None, None) => Ok(()),
    }
}
