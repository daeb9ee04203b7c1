//! In the child: the program is executed.

use crate::error::Step;
use crate::plan::Plan;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{Failed, sys};

/// How long, in nanoseconds, the child waits at first before it tries again to execute a program that is open for writing,
/// and at last, each time twice as long: for a second in all. Whoever leaves a table of descriptors copies its low end for
/// a moment (the kernel copies 64 numbers at a time), so that a program which one thread has just written is busy while
/// the child of another has not closed its copy yet.
pub(in crate::spawn) const FIRST_PAUSE: i64 = 1 << 20;
pub(in crate::spawn) const LAST_PAUSE: i64 = 1 << 29;

#[inline(always)]
pub(super) fn exec(plan: &Plan<'_>) -> Result<(), Fault> {
    let mut pause = FIRST_PAUSE;
    loop {
        match exec_once(plan) {
            Ok(()) => return Ok(()),
            Err(Failed(libc::ETXTBSY)) if pause <= LAST_PAUSE => {}
            Err(failed) => return Err(Fault::new(Step::Exec, failed, 0)),
        }
        sleep(pause);
        pause = pause.wrapping_shl(1);
    }
}

#[inline(always)]
pub(in crate::spawn) fn exec_once(plan: &Plan<'_>) -> Result<(), Failed> {
    // SAFETY: the path is a C string, both vectors are ended by a null pointer, and all of it lives in the plan.
    unsafe { sys!(SYS_execve, plan.path.as_ptr(), plan.vectors.argv(), plan.vectors.envp()) }.map(|_| ())
}

#[inline(always)]
pub(in crate::spawn) fn sleep(nanoseconds: i64) {
    let time = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
    // SAFETY: the time is valid, and what is left of it is not asked for.
    let _ = unsafe { sys!(SYS_nanosleep, &raw const time, 0) };
}
