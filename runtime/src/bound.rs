//! The time that a command has: one deadline through all of its phases.

use std::time::{Duration, Instant};

/// How long the program may run: then the signal, and after the grace SIGKILL.
#[derive(Clone, Copy)]
pub(crate) struct Timeout {
    pub(crate) after: Duration,
    pub(crate) grace: Duration,
    /// The first one, SIGTERM where none was declared.
    pub(crate) signal: i32,
}

/// A declared timeout, counted from before the streams are opened.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bound {
    /// Absent where no timeout was declared, or one that the clock cannot tell.
    deadline: Option<(Instant, Timeout)>,
}

impl Bound {
    /// The time of a command that begins now. Without a timeout the clock is not asked.
    pub(crate) fn start(timeout: Option<Timeout>) -> Bound {
        let deadline = |timeout: Timeout| Instant::now().checked_add(timeout.after).map(|due| (due, timeout));
        Bound { deadline: timeout.and_then(deadline) }
    }

    /// When the program is to be ended.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.map(|(due, _)| due)
    }

    /// The deadline, and how the program is ended then.
    pub(crate) fn timeout(&self) -> Option<(Instant, Timeout)> {
        self.deadline
    }

    pub(crate) fn is_up(&self) -> bool {
        self.deadline().is_some_and(|due| due <= Instant::now())
    }

    /// The time that is left, none where it is up.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.deadline().map(|due| due.saturating_duration_since(Instant::now()))
    }
}
