//! In the child: the signal that it gets when its parent ends.

use super::calls::Calls;
use crate::error::Step;
use crate::spawn::fault::Fault;

/// The signal that the child gets when the thread that started it ends; if that has happened already, the child is not
/// to run.
#[inline(always)]
pub(in crate::spawn) fn die_with_parent(signal: Option<i32>, parent: i32, calls: &mut impl Calls) -> Result<(), Fault> {
    let Some(signal) = signal else { return Ok(()) };
    let operands = [libc::PR_SET_PDEATHSIG as usize, signal as usize, 0, 0, 0];
    calls.call(Step::ParentDeathSignal, signal, libc::SYS_prctl, operands)?;
    calls.expect(Step::ParentDeathSignal, signal, libc::SYS_getppid, parent as usize)
}
