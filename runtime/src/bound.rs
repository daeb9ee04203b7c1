//! The time bound of a command: one deadline for all its phases.

use std::time::{Duration, Instant};

/// A declared timeout: how long the program may run. Then it gets the signal, and after the grace SIGKILL.
#[derive(Clone, Copy)]
pub(crate) struct Timeout {
    pub(crate) after: Duration,
    pub(crate) grace: Duration,
    /// The first signal; SIGTERM unless declared.
    pub(crate) signal: i32,
}

/// The deadline of a command, counted from before its streams are opened.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bound {
    /// `None` if no timeout was declared, or if it is beyond the range of the clock.
    deadline: Option<(Instant, Timeout)>,
}

impl Bound {
    /// Starts the time. Without a timeout the clock is not read.
    pub(crate) fn start(timeout: Option<Timeout>) -> Bound {
        let deadline = |timeout: Timeout| Instant::now().checked_add(timeout.after).map(|due| (due, timeout));
        Bound { deadline: timeout.and_then(deadline) }
    }

    /// When the program is to be ended.
    pub(crate) fn deadline(&self) -> Option<Instant> {
        self.deadline.map(|(due, _)| due)
    }

    /// The deadline, with the timeout that says how to end the program.
    pub(crate) fn timeout(&self) -> Option<(Instant, Timeout)> {
        self.deadline
    }

    pub(crate) fn is_up(&self) -> bool {
        self.deadline().is_some_and(|due| due <= Instant::now())
    }

    /// The time left before the deadline, zero if it has passed.
    pub(crate) fn left(&self) -> Option<Duration> {
        self.deadline().map(|due| due.saturating_duration_since(Instant::now()))
    }
}
