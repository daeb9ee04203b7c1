//! Signals around a clone and around `exec`. Around a clone the parent blocks all signals, so that no handler of its
//! own runs in a child that shares its memory. `exec` must stop ignoring signals, since execve(2) preserves ignored
//! ones.

use super::child::signals::{Action, DEFAULT, IGNORE, LAST, STOP_SIGNALS, Set, bit, set_action};
use super::failure::{FailedStep, Failure};
use super::sys::sys;
use crate::error::Step;
use nix::errno::Errno;
use std::cell::Cell;

/// The signals of the interval timers.
const ALARMS: [i32; 3] = [libc::SIGALRM, libc::SIGVTALRM, libc::SIGPROF];
/// The signals that libc sends between threads. A thread that blocks them can make another thread wait for it.
const LIBCS: Set = bit(32) | bit(33) | bit(34);

/// Runs `f` with every signal blocked, including those reserved by libc.
pub(super) fn blocked<T>(f: impl FnOnce() -> T) -> T {
    with_blocked(Set::MAX, f)
}

/// Runs `f` with every signal blocked but those reserved by libc, since another thread may wait for this one to handle
/// them.
pub(super) fn blocked_but_libcs<T>(f: impl FnOnce() -> T) -> T {
    with_blocked(!LIBCS, f)
}

fn with_blocked<T>(all: Set, f: impl FnOnce() -> T) -> T {
    let mut before: Set = 0;
    // SAFETY: the kernel reads one set and writes the other; both live during the call, and the size is theirs.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const all, &raw mut before, size_of::<Set>()) };
    let result = f();
    // SAFETY: the kernel reads one set, which lives during the call; the size is its own.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const before, 0, size_of::<Set>()) };
    result
}

/// Blocks every signal but those reserved by libc. Called in the thread of `exec` after a step has failed.
#[inline(always)]
pub(super) fn block_but_libcs() {
    let set = !LIBCS;
    // SAFETY: the kernel reads one set, which lives during the call; the size is its own.
    let _ = unsafe { sys!(SYS_rt_sigprocmask, libc::SIG_SETMASK, &raw const set, 0, size_of::<Set>()) };
}

/// The signal actions that `exec` changes, to be restored if it fails.
pub(super) struct Actions {
    /// The action of signal n at index n - 1, if the signal was ignored.
    noted: [Cell<Option<Action>>; LAST as usize],
    /// The pending signals that were discarded, so that the program does not get them.
    discarded: Cell<Set>,
}

impl Actions {
    pub(super) fn new() -> Actions {
        Actions { noted: [const { Cell::new(None) }; LAST as usize], discarded: Cell::new(0) }
    }

    /// Called in the calling thread: installs a handler that does nothing for each ignored signal. execve(2) preserves
    /// ignored signals and resets caught ones. The default action is not set instead: a signal that arrives before
    /// exec, or after exec has failed, would terminate this process. Signals that are already caught keep their
    /// handlers for the same reason.
    pub(super) fn catch_ignored(&self) -> Result<(), Failure> {
        extern "C" fn nothing(_: libc::c_int) {}
        for (noted, signal) in self.noted.iter().zip(1..) {
            let mut before = DEFAULT;
            // SAFETY: the null pointer sets no action, and the kernel writes one `Action`, which lives during the call.
            let asked = unsafe { sys!(SYS_rt_sigaction, signal, 0, &raw mut before, size_of::<Set>()) };
            if asked.is_err() || before.handler != libc::SIG_IGN {
                continue;
            }
            noted.set(Some(before));
            if LIBCS & bit(signal) != 0 || signal == LAST {
                // libc refuses to set an action for these signals, and valgrind reserves the last one.
                let _ = set_action(signal, &DEFAULT);
                continue;
            }
            // SAFETY: an all-zero `sigaction` is valid: the default action with an empty mask.
            let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
            action.sa_sigaction = nothing as extern "C" fn(libc::c_int) as libc::sighandler_t;
            // SA_NOCLDWAIT: as while SIGCHLD is ignored, no child becomes a zombie.
            action.sa_flags = libc::SA_RESTART | libc::SA_NOCLDWAIT;
            // The handler is installed through libc, which supplies the code that returns from it.
            // SAFETY: libc reads one `sigaction`, which lives during the call. The handler does nothing, so it is
            // async-signal-safe.
            let set = unsafe { libc::sigaction(signal, &raw const action, std::ptr::null_mut()) };
            Errno::result(set)
                .map_err(|errno| Failure { operand: signal, ..Failure::of_parent(Step::ResetSignals, errno) })?;
        }
        Ok(())
    }

    /// Discards pending signals of timers and pending stop signals.
    pub(super) fn discard(&self) -> Result<(), FailedStep> {
        let mut pending: Set = 0;
        // SAFETY: the kernel writes one set, which lives during the call; the size is its own.
        let asked = unsafe { sys!(SYS_rt_sigpending, &raw mut pending, size_of::<Set>()) };
        asked.map_err(|failed| FailedStep::new(Step::UnblockSignals, failed, 0))?;
        for signal in ALARMS.into_iter().chain(STOP_SIGNALS).filter(|signal| pending & bit(*signal) != 0) {
            let (ignore, mut before) = (std::ptr::from_ref(&IGNORE), DEFAULT);
            // SAFETY: the kernel reads one `Action` and writes the other; both live during the call.
            unsafe { sys!(SYS_rt_sigaction, signal, ignore, &raw mut before, size_of::<Set>()) }
                .map_err(|failed| FailedStep::new(Step::ResetSignals, failed, signal))?;
            set_action(signal, &before)?;
            self.discarded.set(self.discarded.get() | bit(signal));
        }
        Ok(())
    }

    /// Restores the actions.
    pub(super) fn put_back(&self) {
        for (noted, signal) in self.noted.iter().zip(1..) {
            if let Some(action) = noted.take() {
                let _ = set_action(signal, &action);
            }
        }
    }

    /// Sends the discarded signals to this process again.
    pub(super) fn raise_discarded(&self) {
        for signal in (1..=LAST).filter(|signal| self.discarded.get() & bit(*signal) != 0) {
            // SAFETY: kill takes no pointers.
            unsafe { libc::kill(std::process::id() as i32, signal) };
        }
    }
}
