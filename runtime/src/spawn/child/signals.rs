//! In the child: signals at their default action, none of them blocked.

use super::calls::Calls;
use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::sys::sys;

/// A kernel's set of signals: bit n - 1 for signal n.
pub(in crate::spawn) type Set = u64;

pub(in crate::spawn) const STOP_SIGNALS: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
const STOPS: Set = bit(libc::SIGTSTP) | bit(libc::SIGTTIN) | bit(libc::SIGTTOU);
pub(in crate::spawn) const LAST: i32 = 64;

pub(in crate::spawn) const fn bit(signal: i32) -> Set {
    1 << (signal - 1)
}

/// The kernel's `struct sigaction`, which is not libc's.
#[derive(Clone, Copy)]
#[repr(C)]
pub(in crate::spawn) struct Action {
    pub(in crate::spawn) handler: usize,
    flags: u64,
    restorer: usize,
    mask: Set,
}

pub(in crate::spawn) const DEFAULT: Action = Action { handler: libc::SIG_DFL, flags: 0, restorer: 0, mask: 0 };
pub(in crate::spawn) const IGNORE: Action = Action { handler: libc::SIG_IGN, flags: 0, restorer: 0, mask: 0 };

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
pub(in crate::spawn) fn set_action(signal: i32, action: &Action) -> Result<(), Fault> {
    // SAFETY: the action is valid; without CLONE_SIGHAND it is the child's own.
    unsafe { sys!(SYS_rt_sigaction, signal, std::ptr::from_ref(action), 0, size_of::<Set>()) }
        .map(|_| ())
        .map_err(|failed| Fault::new(Step::ResetSignals, failed, signal))
}

/// Calls `f`; a SIGHUP that comes of it is discarded.
#[inline(always)]
pub(super) fn without_hangup<T>(f: impl FnOnce() -> T) -> T {
    let mut before = DEFAULT;
    let ignore = std::ptr::from_ref(&IGNORE);
    // SAFETY: both actions are valid.
    let noted = unsafe { sys!(SYS_rt_sigaction, libc::SIGHUP, ignore, &raw mut before, size_of::<Set>()) };
    let result = f();
    if noted.is_ok() {
        // It is pending where it is blocked, and discarded once more.
        let _ = set_action(libc::SIGHUP, &IGNORE);
        let _ = set_action(libc::SIGHUP, &before);
    }
    result
}

/// In the child: an empty mask. A stop that was sent to the group meanwhile is discarded, since it would stop the child
/// in the parent's memory; any other signal takes effect here.
#[inline(always)]
pub(super) fn unblock() -> Result<(), Fault> {
    let mut pending: Set = 0;
    // SAFETY: the set is valid, and the size is its own.
    let asked = unsafe { sys!(SYS_rt_sigpending, &raw mut pending, size_of::<Set>()) };
    asked.map_err(|failed| Fault::new(Step::UnblockSignals, failed, 0))?;
    if pending & STOPS != 0 {
        for signal in STOP_SIGNALS {
            // Ignoring a signal discards it where it is pending.
            set_action(signal, &IGNORE)?;
            set_action(signal, &DEFAULT)?;
        }
    }
    empty_mask()
}

/// An empty mask, and nothing else.
#[inline(always)]
pub(in crate::spawn) fn empty_mask() -> Result<(), Fault> {
    let none: Set = 0;
    // SAFETY: the set is valid, and the size is its own.
    let unblocked = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, 0, size_of::<Set>()) };
    unblocked.map(|_| ()).map_err(|failed| Fault::new(Step::UnblockSignals, failed, 0))
}

/// The same as a list of calls: what is pending is not known yet, so that stops are discarded in any case.
pub(in crate::spawn) fn unblock_later(calls: &mut impl Calls) -> Result<(), Fault> {
    // Handler, flags, restorer and mask.
    let (ignore, default) = (calls.address(&[libc::SIG_IGN, 0, 0, 0]), calls.address(&[libc::SIG_DFL, 0, 0, 0]));
    for signal in STOP_SIGNALS {
        for action in [ignore, default] {
            let operands = [signal as usize, action, 0, size_of::<Set>(), 0];
            calls.call(Step::ResetSignals, signal, libc::SYS_rt_sigaction, operands)?;
        }
    }
    let none = calls.address::<Set>(&[0]);
    let operands = [libc::SIG_SETMASK as usize, none, 0, size_of::<Set>(), 0];
    calls.call(Step::UnblockSignals, 0, libc::SYS_rt_sigprocmask, operands)
}
