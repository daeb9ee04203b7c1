//! In the child: sets every signal to its default action, and unblocks all.

use super::calls::Calls;
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::sys;

/// The kernel's set of signals: bit n - 1 stands for signal n.
pub(in crate::spawn) type Set = u64;

pub(in crate::spawn) const STOP_SIGNALS: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
const STOPS: Set = bit(libc::SIGTSTP) | bit(libc::SIGTTIN) | bit(libc::SIGTTOU);
pub(in crate::spawn) const LAST: i32 = 64;

pub(in crate::spawn) const fn bit(signal: i32) -> Set {
    1 << (signal - 1)
}

/// The kernel's `struct sigaction`, which differs from libc's.
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

/// Sets every signal to its default action. exec would preserve ignored ones.
#[inline(always)]
pub(super) fn reset_actions() -> Result<(), FailedStep> {
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
pub(in crate::spawn) fn set_action(signal: i32, action: &Action) -> Result<(), FailedStep> {
    // SAFETY: the kernel reads one `Action`, which lives during the call. The child does not share the parent's
    // actions, since the clone calls omit CLONE_SIGHAND.
    unsafe { sys!(SYS_rt_sigaction, signal, std::ptr::from_ref(action), 0, size_of::<Set>()) }
        .map(|_| ())
        .map_err(|failed| FailedStep::new(Step::ResetSignals, failed, signal))
}

/// Calls `f` and discards a SIGHUP that this causes.
#[inline(always)]
pub(super) fn without_hangup<T>(f: impl FnOnce() -> T) -> T {
    let mut before = DEFAULT;
    let ignore = std::ptr::from_ref(&IGNORE);
    // SAFETY: the kernel reads one `Action` and writes the other; both live during the call.
    let noted = unsafe { sys!(SYS_rt_sigaction, libc::SIGHUP, ignore, &raw mut before, size_of::<Set>()) };
    let result = f();
    if noted.is_ok() {
        // A blocked SIGHUP may be pending. Setting SIG_IGN discards it.
        let _ = set_action(libc::SIGHUP, &IGNORE);
        let _ = set_action(libc::SIGHUP, &before);
    }
    result
}

/// Empties the signal mask. First it discards pending stop signals, which a terminal or another process may have sent
/// to the group: they would stop the child while it uses the parent's memory. Other pending signals are delivered.
#[inline(always)]
pub(super) fn unblock() -> Result<(), FailedStep> {
    let mut pending: Set = 0;
    // SAFETY: the kernel writes one set, which lives during the call; the size is its own.
    let asked = unsafe { sys!(SYS_rt_sigpending, &raw mut pending, size_of::<Set>()) };
    asked.map_err(|failed| FailedStep::new(Step::UnblockSignals, failed, 0))?;
    if pending & STOPS != 0 {
        for signal in STOP_SIGNALS {
            // Setting SIG_IGN discards a pending signal.
            set_action(signal, &IGNORE)?;
            set_action(signal, &DEFAULT)?;
        }
    }
    empty_mask()
}

/// Empties the signal mask, and does nothing else.
#[inline(always)]
pub(in crate::spawn) fn empty_mask() -> Result<(), FailedStep> {
    let none: Set = 0;
    // SAFETY: the kernel reads one set, which lives during the call; the size is its own.
    let unblocked = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const none, 0, size_of::<Set>()) };
    unblocked.map(|_| ()).map_err(|failed| FailedStep::new(Step::UnblockSignals, failed, 0))
}

/// Records the calls of `unblock` for the stage. The pending signals are not known yet, so stop signals are discarded
/// in any case.
pub(in crate::spawn) fn unblock_later(calls: &mut impl Calls) -> Result<(), FailedStep> {
    // An action as the kernel reads it: handler, flags, restorer and mask.
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
