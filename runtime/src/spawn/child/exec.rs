//! In the child: executes the program.

use crate::error::Step;
use crate::plan::Plan;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};

/// The first and the last pause, in nanoseconds, before exec is tried again after ETXTBSY. Each pause is twice as long
/// as the one before, for a second in all. A process that unshares its descriptor table briefly holds copies of the low
/// descriptors (the kernel copies 64 at a time). So an executable that one thread has just written may be ETXTBSY until
/// the child of another thread has closed its copy.
pub(in crate::spawn) const FIRST_PAUSE: i64 = 1 << 20;
pub(in crate::spawn) const LAST_PAUSE: i64 = 1 << 29;

#[inline(always)]
pub(super) fn exec(plan: &Plan<'_>) -> Result<(), FailedStep> {
    let mut pause = FIRST_PAUSE;
    loop {
        match exec_once(plan) {
            Ok(()) => return Ok(()),
            Err(Failed(libc::ETXTBSY)) if pause <= LAST_PAUSE => {}
            Err(failed) => return Err(FailedStep::new(Step::Exec, failed, 0)),
        }
        sleep(pause);
        pause = pause.wrapping_shl(1);
    }
}

#[inline(always)]
pub(in crate::spawn) fn exec_once(plan: &Plan<'_>) -> Result<(), Failed> {
    // SAFETY: the path is a C string, both vectors end with a null pointer, and all of it lives in the plan.
    unsafe { sys!(SYS_execve, plan.path.as_ptr(), plan.vectors.argv(), plan.vectors.envp()) }.map(|_| ())
}

#[inline(always)]
pub(in crate::spawn) fn sleep(nanoseconds: i64) {
    let time = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
    // SAFETY: the kernel reads one `timespec`, which lives during the call; the null pointer asks for no remaining
    // time.
    let _ = unsafe { sys!(SYS_nanosleep, &raw const time, 0) };
}
