//! One program on its way to its end: the signals that are due, who is ended with it, and when its end is given up.
//!
//! Whatever ends a command before its time (its timeout, `abort`, a drop, a callback that fails) comes here. Nothing here
//! blocks but [`Program::wait`] and the drop, which is bounded.

use super::group;
use super::jobs;
use super::tree::Tree;
use crate::bound::Bound;
use crate::spawn::{LAST, Process, Waited};
use std::os::fd::BorrowedFd;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How often the members of a group, or a program that is traced, are looked at.
const LOOK: Duration = Duration::from_millis(20);
/// Between two looks at what ends at any moment.
const MOMENT: Duration = Duration::from_millis(1);

/// Why this process ended the program before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    Callback,
    Timeout,
    Abort,
}

/// A program that was started, for whoever waits for it and whoever may end it.
pub(crate) struct Program {
    process: Process,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    bound: Bound,
    /// The control group that it was started in, of a command that kills its descendants.
    tree: Option<Tree>,
    ending: Option<Ending>,
    end: Option<Waited>,
    /// Whoever holds the program knows its end: what it left behind is its own affair from then on.
    is_told: bool,
    /// It is the engine's by now.
    is_handed_on: bool,
}

/// The signals were begun with.
#[derive(Clone, Copy)]
struct Ending {
    by: EndedBy,
    /// When SIGKILL follows; absent once it was sent, or where the clock cannot tell.
    kill_at: Option<Instant>,
    killed: Option<Instant>,
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
            jobs::reap(Arc::clone(self));
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
            jobs::reap(Arc::clone(self));
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
            jobs::reap(Arc::new(Program { process, state: Mutex::new(state) }));
        }
    }
}

impl State {
    fn step(&mut self, process: &Process, now: Instant) -> Waited {
        match self.end {
            // It may have ended since.
            Some(Waited::StillRunning(_)) if !matches!(process.try_wait(), Waited::Running) => self.end = None,
            Some(end) => return end,
            None => {}
        }
        let Some(ending) = self.ending else {
            let waited = process.try_wait();
            if !matches!(waited, Waited::Running) {
                return self.finish(waited);
            }
            if let Some((due, timeout)) = self.bound.timeout()
                && due <= now
            {
                let kill_at = now.checked_add(timeout.grace);
                self.ending = Some(Ending { by: EndedBy::Timeout, kill_at, killed: None });
                process.signal_all(timeout.signal);
                // One that was stopped takes no other signal before.
                process.signal_all(libc::SIGCONT);
                return self.step(process, now);
            }
            return Waited::Running;
        };
        match ending.killed {
            None if ending.kill_at.is_some_and(|due| due <= now) => {
                self.ending = Some(Ending { kill_at: None, killed: Some(now), ..ending });
                self.kill_all(process);
            }
            // Not reaped meanwhile: its number is the group's. Where waitid(2) is refused nothing but the pidfd tells of
            // an end without reaping.
            None if is_survived(process) => match group::has_others(process.pid()).or_else(|| process.survivors()) {
                Some(true) => return Waited::Running,
                Some(false) => {}
                // Neither /proc nor the kernel says whether there are any: they have no more grace than their leader took.
                None => {
                    self.ending = Some(Ending { kill_at: None, killed: Some(now), ..ending });
                    self.kill_all(process);
                }
            },
            _ => {}
        }
        let waited = process.try_wait();
        if !matches!(waited, Waited::Running) {
            return self.finish(waited);
        }
        if ending.killed.is_some_and(|killed| now.saturating_duration_since(killed) >= LAST) {
            let still = Waited::StillRunning(process.pid().unsigned_abs());
            self.end = Some(still);
            return still;
        }
        Waited::Running
    }

    fn kill_all(&self, process: &Process) {
        process.signal_all(libc::SIGKILL);
        self.tree.iter().for_each(Tree::kill);
    }

    fn kill_for(&mut self, process: &Process, by: EndedBy, now: Instant) {
        self.kill_all(process);
        if self.end.is_none() || by == EndedBy::Abort {
            let by = self.ending.map_or(by, |ending| ending.by);
            let killed = self.ending.and_then(|ending| ending.killed).or(Some(now));
            self.ending = Some(Ending { by, kill_at: None, killed });
        }
    }

    /// Its end is known: who belongs to it ends too.
    fn finish(&mut self, end: Waited) -> Waited {
        self.tree.iter().for_each(Tree::kill);
        self.end = Some(end);
        end
    }

    fn due(&self, process: &Process) -> Option<Instant> {
        match (self.end, self.ending) {
            (Some(_), _) => None,
            (None, None) => self.bound.deadline(),
            (None, Some(Ending { killed: Some(killed), .. })) => killed.checked_add(LAST),
            (None, Some(Ending { kill_at, .. })) => {
                let look = is_survived(process).then(|| Instant::now().checked_add(LOOK)).flatten();
                kill_at.into_iter().chain(look).min()
            }
        }
    }

    /// Whether its control group, if it has one, is gone.
    fn is_tidy(&mut self) -> bool {
        self.tree.iter().for_each(Tree::kill);
        if self.tree.as_mut().is_none_or(Tree::remove) {
            self.tree = None;
        }
        self.tree.is_none()
    }
}

/// It leads a group and has ended: others may be there still, and have their grace.
fn is_survived(process: &Process) -> bool {
    process.leads_a_group() && process.seems_over()
}
