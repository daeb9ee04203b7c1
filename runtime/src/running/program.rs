//! A program that was started, shared by whoever waits for it and whoever may end it.
//!
//! Whatever ends a command before its time (its timeout, `abort`, a drop, a callback that fails) comes here. Nothing here
//! blocks but [`Program::wait`] and the drop, which is bounded.

use super::ending::{EndedBy, LOOK, State};
use super::tree::Tree;
use crate::bound::Bound;
use crate::engine::{self, Job, Next};
use crate::spawn::{LAST, Process, Waited};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the end of a program that nobody holds is asked for, where no pidfd tells it.
const LONG_LOOK: Duration = Duration::from_millis(50);
/// Between two looks at what ends at any moment.
const MOMENT: Duration = Duration::from_millis(1);

/// A program that was started, for whoever waits for it and whoever may end it.
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

    /// Whether this process has started it, and not one that this process is a copy of.
    pub(crate) fn is_own(&self) -> bool {
        self.process.is_own()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether it has ended, and sends what is due by `now`.
    pub(crate) fn step(&self, now: Instant) -> Waited {
        if !self.is_own() {
            return Waited::Lost;
        }
        let mut state = self.lock();
        let waited = state.step(&self.process, now);
        state.is_told |= !matches!(waited, Waited::Running);
        waited
    }

    /// As [`step`](Self::step), by somebody who tells nobody of the end.
    pub(super) fn look_after(&self, now: Instant) -> Waited {
        self.lock().step(&self.process, now)
    }

    /// When [`step`](Self::step) is to be called again though nothing was heard of the program.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.lock().due(&self.process)
    }

    /// Whether its control group is gone, once it has ended.
    pub(super) fn is_tidy(&self) -> bool {
        self.lock().is_tidy()
    }

    /// Kills it and who belongs to it, unless that was done.
    pub(crate) fn end(&self, by: EndedBy) {
        if self.is_own() {
            self.lock().kill_for(&self.process, by, Instant::now());
        }
    }

    /// This process has ended it, or its time is up.
    pub(crate) fn is_over(&self) -> bool {
        let state = self.lock();
        state.ending.is_some() || state.bound.is_up()
    }

    /// Why this process ended it before its time, if it did.
    pub(crate) fn ended_by(&self) -> Option<EndedBy> {
        self.lock().ending.map(|ending| ending.by)
    }

    /// Waits for its end: of a program that nobody else looks at, and that has all the time there is.
    pub(crate) fn wait(&self) -> Waited {
        let mut state = self.lock();
        let end = self.process.wait();
        state.is_told = true;
        state.finish(end)
    }

    /// Nobody else looks at it, and no time is to be enforced.
    pub(crate) fn is_unbounded(&self) -> bool {
        let state = self.lock();
        state.bound.deadline().is_none() && state.tree.is_none() && state.ending.is_none()
    }

    /// Until when what it left behind is waited for, at most.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.lock().bound.deadline()
    }

    /// Whether somebody has to look after it though nobody waits.
    pub(crate) fn needs_care(&self) -> bool {
        let state = self.lock();
        state.end.is_none() && (state.bound.deadline().is_some() || state.tree.is_some())
    }

    /// Kills what still runs, and waits for it no longer than a second; what the kernel cannot end is the engine's then.
    /// Done at the drop too: whoever shares the program does it before, since another may hold it for a moment.
    pub(crate) fn close(self: &Arc<Self>) {
        if !self.ends_at_once() {
            reap(Arc::clone(self));
        }
    }

    /// Lets it run on. Its time is enforced, and its descendants are killed when it ends, though nobody holds it.
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

    /// Kills what still runs. Whether nothing is left to be done: all is gone within a second, or is another's to end.
    fn ends_at_once(&self) -> bool {
        // A copy of the process that started it has nothing to end, and no folder to remove.
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

    /// Whether all is gone: the process reaped, its control group removed.
    pub(super) fn is_gone(&self) -> bool {
        // Reaped under the lock, which whoever sends a signal to its group holds.
        let mut state = self.lock();
        if matches!(self.process.try_wait(), Waited::Running) {
            return false;
        }
        self.process.release();
        state.is_tidy()
    }

    /// Until the process may have ended; for its control group, and for whoever traces it, a moment.
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

    /// Nobody waits for it any more, or could.
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

/// Waits for the end of a program that nobody holds, one that could not be killed in time among them, and ends its
/// descendants then.
fn reap(program: Arc<Program>) {
    // One of its own: an epoll instance knows a descriptor once, and another job may have named it.
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

/// Where no thread can be started the job is dropped undone. Nobody waits for the process then, and least of all this
/// drop: it may run for as long as it likes, and stays a zombie until this process ends.
impl Drop for Reap {
    fn drop(&mut self) {
        self.program.forget();
    }
}
