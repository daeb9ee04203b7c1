//! Signals around a clone: blocked in the parent, so that none of its handlers runs in a child that shares its memory;
//! at their default action in the child.

use super::calls::Calls;
use super::child::Fault;
use super::sys::sys;
use crate::error::Step;

/// A kernel's set of signals: bit n - 1 for signal n.
type Set = u64;

const STOPS: Set = bit(libc::SIGTSTP) | bit(libc::SIGTTIN) | bit(libc::SIGTTOU);
const LAST: i32 = 64;

const fn bit(signal: i32) -> Set {
    1 << (signal - 1)
}

/// The kernel's `struct sigaction`, which is not libc's.
#[repr(C)]
struct Action {
    handler: usize,
    flags: u64,
    restorer: usize,
    mask: Set,
}

const DEFAULT: Action = Action { handler: libc::SIG_DFL, flags: 0, restorer: 0, mask: 0 };
const IGNORE: Action = Action { handler: libc::SIG_IGN, flags: 0, restorer: 0, mask: 0 };

/// Runs `f` with every signal blocked, those that libc keeps for itself included.
pub(super) fn blocked<T>(f: impl FnOnce() -> T) -> T {
    let (all, mut before): (Set, Set) = (Set::MAX, 0);
    // SAFETY: both sets are valid, and the size is theirs; the call cannot fail.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const all, &raw mut before, size_of::<Set>()) };
    let result = f();
    // SAFETY: as above.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const before, 0, size_of::<Set>()) };
    result
}

/// In the child: every signal to its default action, ignored ones too, which exec would hand on.
#[inline(always)]
pub(super) fn reset_actions() -> Result<(), Fault> {
    let mut signal = 1;
    while signal <= LAST {
        if signal != libc::SIGKILL && signal != libc::SIGSTOP {
            set_action(signal, &DEFAULT)?;
        }
        signal = signal.wrapping_add(1);
    }
    Ok(())
}

#[inline(always)]
fn set_action(signal: i32, action: &Action) -> Result<(), Fault> {
    // SAFETY: the action is valid; without CLONE_SIGHAND it is the child's own.
    unsafe { sys!(SYS_rt_sigaction, signal, std::ptr::from_ref(action), 0, size_of::<Set>()) }
        .map(|_| ())
        .map_err(|failed| Fault::new(Step::ResetSignals, failed, signal))
}

/// In the child: an empty mask. A stop that was sent to the group meanwhile is discarded, since it would stop the child
/// in the parent's memory; any other signal takes effect here.
#[inline(always)]
pub(super) fn unblock() -> Result<(), Fault> {
    let (mut pending, none): (Set, Set) = (0, 0);
    // SAFETY: the set is valid, and the size is its own.
    let asked = unsafe { sys!(SYS_rt_sigpending, &raw mut pending, size_of::<Set>()) };
    asked.map_err(|failed| Fault::new(Step::UnblockSignals, failed, 0))?;
    if pending & STOPS != 0 {
        for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
            // Ignoring a signal discards it where it is pending.
            set_action(signal, &IGNORE)?;
            set_action(signal, &DEFAULT)?;
        }
    }
    // SAFETY: as above.
    let unblocked = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, 0, size_of::<Set>()) };
    unblocked.map(|_| ()).map_err(|failed| Fault::new(Step::UnblockSignals, failed, 0))
}

/// The same as a list of calls: what is pending is not known yet, so that stops are discarded in any case.
pub(super) fn unblock_later(calls: &mut impl Calls) -> Result<(), Fault> {
    // Handler, flags, restorer and mask.
    let (ignore, default) = (calls.address(&[libc::SIG_IGN, 0, 0, 0]), calls.address(&[libc::SIG_DFL, 0, 0, 0]));
    for signal in [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU] {
        for action in [ignore, default] {
            let operands = [signal as usize, action, 0, size_of::<Set>(), 0];
            calls.call(Step::ResetSignals, signal, libc::SYS_rt_sigaction, operands)?;
        }
    }
    let none = calls.address::<Set>(&[0]);
    let operands = [libc::SIG_SETMASK as usize, none, 0, size_of::<Set>(), 0];
    calls.call(Step::UnblockSignals, 0, libc::SYS_rt_sigprocmask, operands)
}
