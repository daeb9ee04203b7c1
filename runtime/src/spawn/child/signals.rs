//! Signals around a clone: blocked in the parent, so that none of its handlers runs in a child that shares its memory;
//! at their default action in the child.

use super::Fault;
use super::calls::Calls;
use crate::error::Step;
use crate::spawn::Failure;
use crate::spawn::sys::sys;
use nix::errno::Errno;
use std::cell::Cell;

/// A kernel's set of signals: bit n - 1 for signal n.
type Set = u64;

const STOP_SIGNALS: [i32; 3] = [libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];
const STOPS: Set = bit(libc::SIGTSTP) | bit(libc::SIGTTIN) | bit(libc::SIGTTOU);
const LAST: i32 = 64;

const fn bit(signal: i32) -> Set {
    1 << (signal - 1)
}

/// Of the interval timers.
const ALARMS: [i32; 3] = [libc::SIGALRM, libc::SIGVTALRM, libc::SIGPROF];
/// Those that libc sends from thread to thread: a thread that blocks them would keep another one waiting.
const LIBCS: Set = bit(32) | bit(33) | bit(34);

/// The kernel's `struct sigaction`, which is not libc's.
#[derive(Clone, Copy)]
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
pub(in crate::spawn) fn blocked<T>(f: impl FnOnce() -> T) -> T {
    with_blocked(Set::MAX, f)
}

/// Runs `f` with every signal blocked but those that libc keeps for itself: another thread may be waiting for them.
pub(in crate::spawn) fn blocked_but_libcs<T>(f: impl FnOnce() -> T) -> T {
    with_blocked(!LIBCS, f)
}

fn with_blocked<T>(all: Set, f: impl FnOnce() -> T) -> T {
    let mut before: Set = 0;
    // SAFETY: both sets are valid, and the size is theirs; the call cannot fail.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const all, &raw mut before, size_of::<Set>()) };
    let result = f();
    // SAFETY: as above.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const before, 0, size_of::<Set>()) };
    result
}

/// In the child: every signal to its default action, ignored ones too, which exec would hand on.
#[inline(always)]
pub(in crate::spawn) fn reset_actions() -> Result<(), Fault> {
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

/// In a thread that takes the steps of `exec`, where one has failed.
pub(in crate::spawn) fn block_but_libcs() {
    let set = !LIBCS;
    // SAFETY: the set is valid, and the size is its own; the call cannot fail.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const set, 0, size_of::<Set>()) };
}

/// Calls `f`; a SIGHUP that comes of it is discarded.
#[inline(always)]
pub(in crate::spawn) fn without_hangup<T>(f: impl FnOnce() -> T) -> T {
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

/// The actions of a process that `exec` replaces, for the case that it fails.
pub(in crate::spawn) struct Actions {
    /// That of signal n at n - 1, where it was ignored.
    noted: [Cell<Option<Action>>; LAST as usize],
    /// What was pending and is discarded: the program is not to get it.
    discarded: Cell<Set>,
}

impl Actions {
    pub(in crate::spawn) fn new() -> Actions {
        Actions { noted: [const { Cell::new(None) }; LAST as usize], discarded: Cell::new(0) }
    }

    /// In the calling thread: a handler that does nothing for each signal that is ignored. exec hands on that a signal is
    /// ignored, and resets those that are caught. At the default action one that came before exec, or where exec fails,
    /// would end this process; and what is caught stays so for the same reason.
    pub(in crate::spawn) fn catch_ignored(&self) -> Result<(), Failure> {
        extern "C" fn nothing(_: libc::c_int) {}
        for (noted, signal) in self.noted.iter().zip(1..) {
            let mut before = DEFAULT;
            // SAFETY: asks only, and the action is valid.
            let asked = unsafe { sys!(SYS_rt_sigaction, signal, 0, &raw mut before, size_of::<Set>()) };
            if asked.is_err() || before.handler != libc::SIG_IGN {
                continue;
            }
            noted.set(Some(before));
            if LIBCS & bit(signal) != 0 || signal == LAST {
                // libc sets none of these, and valgrind keeps the last one for itself.
                let _ = set_action(signal, &DEFAULT);
                continue;
            }
            // SAFETY: all zeros is an action: the default one, with an empty mask.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
            // An ignored SIGCHLD lets no child become a zombie, nor does one that is caught so.
            action.sa_flags = libc::SA_RESTART | libc::SA_NOCLDWAIT;
            // By libc, which knows how a handler returns.
            // SAFETY: the handler does nothing.
            let set = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
            Errno::result(set)
                .map_err(|errno| Failure { operand: signal, ..Failure::of_parent(Step::ResetSignals, errno) })?;
        }
        Ok(())
    }

    /// Discards the pending signals of timers and of stops.
    pub(in crate::spawn) fn discard(&self) -> Result<(), Fault> {
        let mut pending: Set = 0;
        // SAFETY: the set is valid, and the size is its own.
        let asked = unsafe { sys!(SYS_rt_sigpending, &raw mut pending, size_of::<Set>()) };
        asked.map_err(|failed| Fault::new(Step::UnblockSignals, failed, 0))?;
        for signal in ALARMS.into_iter().chain(STOP_SIGNALS).filter(|signal| pending & bit(*signal) != 0) {
            let (ignore, mut before) = (std::ptr::from_ref(&IGNORE), DEFAULT);
            // SAFETY: both actions are valid.
            unsafe { sys!(SYS_rt_sigaction, signal, ignore, &raw mut before, size_of::<Set>()) }
                .map_err(|failed| Fault::new(Step::ResetSignals, failed, signal))?;
            set_action(signal, &before)?;
            self.discarded.set(self.discarded.get() | bit(signal));
        }
        Ok(())
    }

    /// The actions as they were.
    pub(in crate::spawn) fn put_back(&self) {
        for (noted, signal) in self.noted.iter().zip(1..) {
            if let Some(action) = noted.take() {
                let _ = set_action(signal, &action);
            }
        }
    }

    /// Sends this process again what was discarded.
    pub(in crate::spawn) fn raise_discarded(&self) {
        for signal in (1..=LAST).filter(|signal| self.discarded.get() & bit(*signal) != 0) {
            // SAFETY: takes no pointers.
            unsafe { libc::kill(std::process::id() as i32, signal) };
        }
    }
}

/// In the child: an empty mask. A stop that was sent to the group meanwhile is discarded, since it would stop the child
/// in the parent's memory; any other signal takes effect here.
#[inline(always)]
pub(in crate::spawn) fn unblock() -> Result<(), Fault> {
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
