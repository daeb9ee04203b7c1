//! In the child: sets the parent-death signal.

use super::calls::Calls;
use crate::error::Step;
use crate::spawn::failure::FailedStep;

/// Sets the signal that the child gets when the thread that started it ends. If that thread has already ended, the step
/// fails.
#[inline(always)]
pub(in crate::spawn) fn die_with_parent(
    signal: Option<i32>,
    parent: i32,
    calls: &mut impl Calls,
) -> Result<(), FailedStep> {
    let Some(signal) = signal else { return Ok(()) };
    let operands = [libc::PR_SET_PDEATHSIG as usize, signal as usize, 0, 0, 0];
    calls.call(Step::ParentDeathSignal, signal, libc::SYS_prctl, operands)?;
    calls.expect(Step::ParentDeathSignal, signal, libc::SYS_getppid, parent as usize)
}
