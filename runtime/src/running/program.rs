//! One program on its way to its end: the signals that are due, who is ended with it, and when its end is given up.
//!
//! Whatever ends a command before its time (its timeout, `abort`, a drop, a callback that fails) comes here. Nothing here
//! blocks but [`Program::wait`] and the drop, which is bounded.

use super::group;
use super::jobs;
use super::tree::Tree;
use crate::bound::Bound;
use crate::fork;
use crate::spawn::{Process, Waited};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a program that was killed is waited for: one that the kernel cannot end, or that this process may not kill,
/// is reported as still running.
pub(crate) const LAST: Duration = Duration::from_secs(1);
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

/// A program that was started, shared by whoever waits for it and whoever may end it.
pub(crate) struct Program {
    pid: i32,
    pidfd: Option<Arc<OwnedFd>>,
    /// The process that started it, as [`fork::generation`] tells: asked without the lock, which a copy of that process
    /// may find held for ever.
    parent: Option<u64>,
    state: Mutex<State>,
}

struct State {
    process: Process,
    bound: Bound,
    /// The control group that it was started in, of a command that kills its descendants.
    tree: Option<Tree>,
    ending: Option<Ending>,
    end: Option<Waited>,
    /// Whoever holds the program knows its end: what it left behind is its own affair from then on.
    is_told: bool,
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
        let (pid, pidfd) = (process.pid(), process.pidfd().map(Arc::clone));
        let (end, parent) = (process.end(), process.parent());
        let state = State { process, bound, tree, ending: None, end, is_told: false };
        Program { pid, pidfd, parent, state: Mutex::new(state) }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(|pidfd| pidfd.as_fd())
    }

    /// Whether this process has started it, and not one that this process is a copy of.
    pub(crate) fn is_own(&self) -> bool {
        self.parent.is_none_or(|parent| parent == fork::generation())
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Looks whether it has ended, and sends what is due by `now`.
    pub(crate) fn step(&self, now: Instant) -> Waited {
        let mut state = self.lock();
        let waited = state.step(now);
        state.is_told |= !matches!(waited, Waited::Running);
        waited
    }

    /// As [`step`](Self::step), by somebody who tells nobody of the end.
    pub(super) fn look_after(&self, now: Instant) -> Waited {
        self.lock().step(now)
    }

    /// When [`step`](Self::step) is to be called again though nothing was heard of the program.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.lock().due()
    }

    /// Whether its control group is gone, once it has ended.
    pub(super) fn is_tidy(&self) -> bool {
        let mut state = self.lock();
        state.tree.iter().for_each(Tree::kill);
        if state.tree.as_mut().is_none_or(Tree::remove) {
            state.tree = None;
        }
        state.tree.is_none()
    }

    /// Kills it and who belongs to it, unless that was done.
    pub(crate) fn end(&self, by: EndedBy) {
        if self.is_own() {
            self.lock().kill_for(by, Instant::now());
        }
    }

    /// Why this process ended it before its time, if it did.
    pub(crate) fn ended_by(&self) -> Option<EndedBy> {
        self.lock().ending.map(|ending| ending.by)
    }

    /// Waits for its end: of a program that nobody else looks at, and that has all the time there is.
    pub(crate) fn wait(&self) -> Waited {
        let mut state = self.lock();
        let end = state.process.wait();
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

    /// Kills what still runs, waits for it no longer than a second, and hands on what the kernel cannot end. Done at the
    /// drop too: whoever holds the program does it before, since somebody else may hold it for a moment.
    pub(crate) fn close(&self) {
        // A copy of the process that started it has nothing to end, and no folder to remove.
        if !self.is_own() {
            return;
        }
        let mut state = self.lock();
        if state.process.is_left_running() {
            return;
        }
        if !state.is_told || matches!(state.end, Some(Waited::StillRunning(_))) {
            state.kill_all();
        }
        let killed = state.ending.and_then(|ending| ending.killed).unwrap_or_else(Instant::now);
        let mut left = state.take();
        drop(state);
        while !left.is_gone() {
            if killed.elapsed() >= LAST {
                return jobs::reap(left);
            }
            left.wait_a_little();
        }
    }

    /// Lets it run on. Who kills its descendants does it when it ends.
    pub(crate) fn leave(&self) {
        if !self.is_own() {
            return;
        }
        let mut state = self.lock();
        if state.tree.is_some() && state.end.is_none() {
            let followed = state.take();
            drop(state);
            jobs::reap(followed);
        } else {
            state.process.leave_running();
        }
    }
}

impl State {
    fn step(&mut self, now: Instant) -> Waited {
        if let Some(end) = self.end {
            return end;
        }
        let Some(ending) = self.ending else {
            let waited = self.process.try_wait();
            if !matches!(waited, Waited::Running) {
                return self.finish(waited);
            }
            if let Some((due, timeout)) = self.bound.timeout()
                && due <= now
            {
                let kill_at = now.checked_add(timeout.grace);
                self.ending = Some(Ending { by: EndedBy::Timeout, kill_at, killed: None });
                self.process.signal_all(timeout.signal);
                // One that was stopped takes no other signal before.
                self.process.signal_all(libc::SIGCONT);
                return self.step(now);
            }
            return Waited::Running;
        };
        match ending.killed {
            None if ending.kill_at.is_some_and(|due| due <= now) => {
                self.ending = Some(Ending { kill_at: None, killed: Some(now), ..ending });
                self.kill_all();
            }
            // Not reaped meanwhile: its number is the group's. Where waitid(2) is refused nothing but the pidfd tells of
            // an end without reaping.
            None if self.is_survived() && group::has_others(self.process.pid()) => return Waited::Running,
            _ => {}
        }
        let waited = self.process.try_wait();
        if !matches!(waited, Waited::Running) {
            return self.finish(waited);
        }
        if ending.killed.is_some_and(|killed| now.saturating_duration_since(killed) >= LAST) {
            let still = Waited::StillRunning(self.process.pid().unsigned_abs());
            self.end = Some(still);
            return still;
        }
        Waited::Running
    }

    /// It leads a group and has ended: others may be there still, and have their grace.
    fn is_survived(&mut self) -> bool {
        self.process.leads_a_group() && self.process.seems_over()
    }

    fn kill_all(&self) {
        self.process.signal_all(libc::SIGKILL);
        self.tree.iter().for_each(Tree::kill);
    }

    fn kill_for(&mut self, by: EndedBy, now: Instant) {
        self.kill_all();
        if self.end.is_none() {
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

    fn due(&mut self) -> Option<Instant> {
        match (self.end, self.ending) {
            (Some(_), _) => None,
            (None, None) => self.bound.deadline(),
            (None, Some(Ending { killed: Some(killed), .. })) => killed.checked_add(LAST),
            (None, Some(Ending { kill_at, .. })) => {
                let look = self.is_survived().then(|| Instant::now().checked_add(LOOK)).flatten();
                kill_at.into_iter().chain(look).min()
            }
        }
    }

    /// What is to be looked after, leaving nothing here.
    fn take(&mut self) -> Left {
        self.end.get_or_insert(Waited::Lost);
        let process = std::mem::replace(&mut self.process, Process::that_never_was(Waited::Lost));
        Left { process, tree: self.tree.take() }
    }
}

/// A process that nobody waits for any more, and its control group.
pub(super) struct Left {
    pub(super) process: Process,
    pub(super) tree: Option<Tree>,
}

impl Left {
    /// Whether all is gone: the process reaped, the group removed.
    pub(super) fn is_gone(&mut self) -> bool {
        if matches!(self.process.try_wait(), Waited::Running) {
            return false;
        }
        self.process.release();
        self.tree.iter().for_each(Tree::kill);
        self.tree.as_mut().is_none_or(Tree::remove)
    }

    /// Until the process may have ended; for its group, and for whoever traces it, a moment.
    fn wait_a_little(&self) {
        let begun = Instant::now();
        match (self.process.end(), &self.tree) {
            (None, _) => self.process.wait_at_most(LOOK),
            (Some(_), Some(tree)) => tree.wait_at_most(LOOK),
            (Some(_), None) => {}
        }
        if begun.elapsed() < MOMENT {
            std::thread::sleep(MOMENT);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.close();
    }
}
