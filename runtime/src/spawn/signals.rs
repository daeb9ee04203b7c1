//! Signals around a clone: blocked in the parent, so that none of its handlers runs in a child that shares its memory.
//! Signals around `exec`: execve(2) hands on that a signal is ignored.

use super::child::signals::{Action, DEFAULT, IGNORE, LAST, STOP_SIGNALS, Set, bit, set_action};
use super::fault::{Failure, Fault};
use super::sys::sys;
use crate::error::Step;
use nix::errno::Errno;
use std::cell::Cell;

/// Of the interval timers.
const ALARMS: [i32; 3] = [libc::SIGALRM, libc::SIGVTALRM, libc::SIGPROF];
/// Those that libc sends from thread to thread: a thread that blocks them would keep another one waiting.
const LIBCS: Set = bit(32) | bit(33) | bit(34);

/// Runs `f` with every signal blocked, those that libc keeps for itself included.
pub(super) fn blocked<T>(f: impl FnOnce() -> T) -> T {
    with_blocked(Set::MAX, f)
}

/// Runs `f` with every signal blocked but those that libc keeps for itself: another thread may be waiting for them.
pub(super) fn blocked_but_libcs<T>(f: impl FnOnce() -> T) -> T {
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

/// In a thread that takes the steps of `exec`, where one has failed.
#[inline(always)]
pub(super) fn block_but_libcs() {
    let set = !LIBCS;
    // SAFETY: the set is valid, and the size is its own; the call cannot fail.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const set, 0, size_of::<Set>()) };
}

/// The actions of a process that `exec` replaces, for the case that it fails.
pub(super) struct Actions {
    /// That of signal n at n - 1, where it was ignored.
    noted: [Cell<Option<Action>>; LAST as usize],
    /// What was pending and is discarded: the program is not to get it.
    discarded: Cell<Set>,
}

impl Actions {
    pub(super) fn new() -> Actions {
        Actions { noted: [const { Cell::new(None) }; LAST as usize], discarded: Cell::new(0) }
    }

    /// In the calling thread: a handler that does nothing for each signal that is ignored. exec hands on that a signal is
    /// ignored, and resets those that are caught. At the default action one that came before exec, or where exec fails,
    /// would end this process; and what is caught stays so for the same reason.
    pub(super) fn catch_ignored(&self) -> Result<(), Failure> {
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
    pub(super) fn discard(&self) -> Result<(), Fault> {
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
    pub(super) fn put_back(&self) {
        for (noted, signal) in self.noted.iter().zip(1..) {
            if let Some(action) = noted.take() {
                let _ = set_action(signal, &action);
            }
        }
    }

    /// Sends this process again what was discarded.
    pub(super) fn raise_discarded(&self) {
        for signal in (1..=LAST).filter(|signal| self.discarded.get() & bit(*signal) != 0) {
            // SAFETY: takes no pointers.
            unsafe { libc::kill(std::process::id() as i32, signal) };
        }
    }
}
