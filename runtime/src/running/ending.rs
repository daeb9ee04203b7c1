//! How a program comes to its end: the signals that are due, who gets them, and when its end is given up.

use super::group;
use super::tree::Tree;
use crate::bound::Bound;
use crate::spawn::{LAST, Process, Waited};
use std::time::{Duration, Instant};

/// How often the members of a group, or a program that is traced, are looked at.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// Why this process ended the program before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    Callback,
    Timeout,
    Abort,
}

/// A program between its start and its end; kept under the lock of [`Program`](super::program::Program).
#[derive(Default)]
pub(super) struct State {
    pub(super) bound: Bound,
    /// The control group that it was started in, of a command that kills its descendants.
    pub(super) tree: Option<Tree>,
    pub(super) ending: Option<Ending>,
    pub(super) end: Option<Waited>,
    /// Whoever holds the program knows its end: what it left behind is its own affair from then on.
    pub(super) is_told: bool,
    /// It is the engine's by now.
    pub(super) is_handed_on: bool,
}

/// The signals were begun with.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    pub(super) by: EndedBy,
    /// When SIGKILL follows; absent once it was sent, or where the clock cannot tell.
    pub(super) kill_at: Option<Instant>,
    pub(super) killed: Option<Instant>,
}

impl State {
    pub(super) fn step(&mut self, process: &Process, now: Instant) -> Waited {
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

    pub(super) fn kill_all(&self, process: &Process) {
        process.signal_all(libc::SIGKILL);
        self.tree.iter().for_each(Tree::kill);
    }

    pub(super) fn kill_for(&mut self, process: &Process, by: EndedBy, now: Instant) {
        self.kill_all(process);
        if self.end.is_none() || by == EndedBy::Abort {
            let by = self.ending.map_or(by, |ending| ending.by);
            let killed = self.ending.and_then(|ending| ending.killed).or(Some(now));
            self.ending = Some(Ending { by, kill_at: None, killed });
        }
    }

    /// Its end is known: who belongs to it ends too.
    pub(super) fn finish(&mut self, end: Waited) -> Waited {
        self.tree.iter().for_each(Tree::kill);
        self.end = Some(end);
        end
    }

    pub(super) fn due(&self, process: &Process) -> Option<Instant> {
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
    pub(super) fn is_tidy(&mut self) -> bool {
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
