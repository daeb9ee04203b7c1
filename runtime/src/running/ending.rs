//! The state machine of a program's end: which signals are due, which processes get them, and when the wait is
//! abandoned.

use super::group;
use super::tree::Tree;
use crate::bound::Bound;
use crate::spawn::{LAST, Process, Waited};
use std::time::{Duration, Instant};

/// How often the members of a process group, or a traced program, are polled.
pub(super) const LOOK: Duration = Duration::from_millis(20);

/// The reason why this process ended the program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EndedBy {
    Callback,
    Timeout,
    Abort,
}

/// The state of a program between its start and its end. The lock of [`Program`](super::program::Program) protects it.
#[derive(Default)]
pub(super) struct State {
    pub(super) bound: Bound,
    /// The control group of a command that kills its descendants.
    pub(super) tree: Option<Tree>,
    pub(super) ending: Option<Ending>,
    pub(super) end: Option<Waited>,
    /// The holder of the program knows its end. Leftovers in its process group are not signalled after that.
    pub(super) is_told: bool,
    /// The engine has taken over the program.
    pub(super) is_handed_on: bool,
}

/// The state after the first signal was sent.
#[derive(Clone, Copy)]
pub(super) struct Ending {
    pub(super) by: EndedBy,
    /// When SIGKILL is due. `None` once it was sent, or if the time is beyond the range of the clock.
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
                // A stopped process handles other signals only after SIGCONT.
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
            // The leader stays a zombie, so the id of the group is not reused. If waitid(2) is refused, only the pidfd
            // tells an end without reaping.
            None if is_survived(process) => match group::has_others(process.pid()).or_else(|| process.survivors()) {
                Some(true) => return Waited::Running,
                Some(false) => {}
                // Neither /proc nor the kernel tells whether the group has members. They get no more grace than their
                // leader used.
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

    /// The program has ended: kills the members of its control group.
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

    /// Whether its control group, if it has one, has been removed.
    pub(super) fn is_tidy(&mut self) -> bool {
        self.tree.iter().for_each(Tree::kill);
        if self.tree.as_mut().is_none_or(Tree::remove) {
            self.tree = None;
        }
        self.tree.is_none()
    }
}

/// Whether the group leader has ended, so that only other members may remain; their grace period still runs.
fn is_survived(process: &Process) -> bool {
    process.leads_a_group() && process.seems_over()
}
