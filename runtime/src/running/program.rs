//! A started program, shared by the code that waits for it and the code that may end it.
//!
//! Every early end of a command (a timeout, `abort`, a drop, a failed callback) goes through this file. Only
//! [`Program::wait`] and the drop block, and the drop blocks for a bounded time.

use super::ending::{EndedBy, LOOK, State};
use super::tree::Tree;
use crate::bound::Bound;
use crate::engine::{self, Job, Next};
use crate::spawn::{LAST, Process, Waited};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often a program that has no holder is polled, if no pidfd tells its end.
const LONG_LOOK: Duration = Duration::from_millis(50);
/// The minimum pause between two polls of a process that is about to end.
const MOMENT: Duration = Duration::from_millis(1);

/// A started program, shared by the code that waits for it and the code that may end it.
pub(crate) struct Program {
    process: Process,
    state: Mutex<State>,
}

impl Program {
    pub(crate) fn new(process: Process, bound: Bound, tree: Option<Tree>) -> Program {
        let state = State { bound, tree, end: process.end(), ..State::default() };
        Program { process, state: Mutex::new(state) }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.process.pid()
    }

    pub(crate) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.process.pidfd()
    }

    /// Whether this process started it. A fork of the process that started it did not.
    pub(crate) fn is_own(&self) -> bool {
        self.process.is_own()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Polls whether it has ended, and sends the signals that are due by `now`.
    pub(crate) fn step(&self, now: Instant) -> Waited {
        if !self.is_own() {
            return Waited::Lost;
        }
        let mut state = self.lock();
        let waited = state.step(&self.process, now);
        state.is_told |= !matches!(waited, Waited::Running);
        waited
    }

    /// As [`step`](Self::step), for a caller that does not report the end to the holder.
    pub(super) fn look_after(&self, now: Instant) -> Waited {
        self.lock().step(&self.process, now)
    }

    /// When [`step`](Self::step) is to be called again, even if nothing happens before.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.lock().due(&self.process)
    }

    /// Whether the control group of a program that has ended has been removed.
    pub(super) fn is_tidy(&self) -> bool {
        self.lock().is_tidy()
    }

    /// Kills it and its descendants, unless that was done.
    pub(crate) fn end(&self, by: EndedBy) {
        if self.is_own() {
            self.lock().kill_for(&self.process, by, Instant::now());
        }
    }

    /// Whether this process has ended it, or its deadline has passed.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.lock();
        state.ending.is_some() || state.bound.is_up()
    }

    /// Why this process ended it, if it did.
    pub(crate) fn ended_by(&self) -> Option<EndedBy> {
        self.lock().ending.map(|ending| ending.by)
    }

    /// Waits for its end under the lock: only for a program that has no deadline and that no one else looks after.
    pub(crate) fn wait(&self) -> Waited {
        let mut state = self.lock();
        let end = self.process.wait();
        state.is_told = true;
        state.finish(end)
    }

    /// Whether it has no deadline and no control group, and is not being ended.
    pub(crate) fn is_unbounded(&self) -> bool {
        let state = self.lock();
        state.bound.deadline().is_none() && state.tree.is_none() && state.ending.is_none()
    }

    /// The deadline, which also bounds the wait for streams that leftovers hold open.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.lock().bound.deadline()
    }

    /// Whether the engine must look after it, since no thread may wait for it.
    pub(crate) fn needs_care(&self) -> bool {
        let state = self.lock();
        state.end.is_none() && (state.bound.deadline().is_some() || state.tree.is_some())
    }

    /// Kills what still runs, and waits for at most a second; the engine waits for the rest. The drop does the same,
    /// but other holders may delay it, so whoever shares the program calls this first.
    pub(crate) fn close(self: &Arc<Self>) {
        if !self.ends_at_once() {
            reap(Arc::clone(self));
        }
    }

    /// Lets it run on without a holder. The engine still enforces its timeout and kills its descendants when it ends.
    pub(crate) fn leave(self: &Arc<Self>) {
        if !self.is_own() {
            return;
        }
        let mut state = self.lock();
        if state.end.is_none() && (state.tree.is_some() || state.bound.deadline().is_some()) {
            state.is_handed_on = true;
            drop(state);
            reap(Arc::clone(self));
        } else if state.end.is_some() {
            drop(state);
            self.close();
        } else {
            self.process.leave_running();
        }
    }

    /// Kills what still runs. Returns true if all has ended within a second, or if another owner is to end it.
    fn ends_at_once(&self) -> bool {
        // A fork of the process that started it has nothing to end, and no control group to remove.
        if !self.is_own() || self.process.is_left_running() {
            return true;
        }
        let mut state = self.lock();
        if std::mem::replace(&mut state.is_handed_on, true) {
            return true;
        }
        if !state.is_told || matches!(state.end, Some(Waited::StillRunning(_))) {
            state.kill_all(&self.process);
        }
        let killed = state.ending.and_then(|ending| ending.killed);
        drop(state);
        if self.is_gone() {
            return true;
        }
        let killed = killed.unwrap_or_else(Instant::now);
        while killed.elapsed() < LAST {
            self.wait_a_little();
            if self.is_gone() {
                return true;
            }
        }
        false
    }

    /// Whether the process is reaped and its control group removed.
    pub(super) fn is_gone(&self) -> bool {
        // Reaps under the lock. Senders of signals to its group hold the lock too.
        let mut state = self.lock();
        if matches!(self.process.try_wait(), Waited::Running) {
            return false;
        }
        self.process.release();
        state.is_tidy()
    }

    /// Waits until the process may have ended, or its control group may be empty, for a short time at most.
    fn wait_a_little(&self) {
        let begun = Instant::now();
        if self.process.end().is_none() {
            self.process.wait_at_most(LOOK);
        } else if let Some(tree) = &self.lock().tree {
            tree.wait_at_most(LOOK);
        }
        if begun.elapsed() < MOMENT {
            std::thread::sleep(MOMENT);
        }
    }

    /// Stops waiting for it. When it ends, it stays a zombie.
    pub(super) fn forget(&self) {
        if self.process.end().is_none() {
            self.process.leave_running();
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if !self.ends_at_once() {
            let process = std::mem::replace(&mut self.process, Process::that_never_was(Waited::Lost));
            let state = std::mem::take(self.state.get_mut().unwrap_or_else(PoisonError::into_inner));
            reap(Arc::new(Program { process, state: Mutex::new(state) }));
        }
    }
}

/// Lets the engine wait for a program that has no holder, such as one that could not be killed in time, and kill its
/// descendants at its end.
fn reap(program: Arc<Program>) {
    // A duplicate: an epoll instance accepts a descriptor once, and another job may have added this one.
    let pidfd = program.pidfd().and_then(|pidfd| pidfd.try_clone_to_owned().ok());
    let _ = engine::add(Box::new(Reap { program, pidfd }));
}

struct Reap {
    program: Arc<Program>,
    pidfd: Option<OwnedFd>,
}

impl Job for Reap {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    fn turn(&mut self, now: Instant, is_ready: bool) -> Next {
        self.program.look_after(now);
        if self.program.is_gone() {
            return Next::Done;
        }
        let listens = self.pidfd.is_some() && !is_ready;
        let look = if listens { None } else { now.checked_add(LONG_LOOK) };
        Next::Wait { until: look.into_iter().chain(self.program.due()).min(), listens }
    }
}

/// If no thread can be started, the job is dropped undone. The drop must not wait either, so the process may run on,
/// and stays a zombie until this process ends.
impl Drop for Reap {
    fn drop(&mut self) {
        self.program.forget();
    }
}
