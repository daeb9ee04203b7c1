//! The time that a program is given.

use crate::spec::Timeout;
use std::time::Instant;

/// The signals of a timeout, each sent once when it is due.
pub(crate) struct Timer {
    timeout: Timeout,
    next: Option<(Instant, i32)>,
}

impl Timer {
    /// Without a time that the clock can tell, the program has all the time there is.
    pub(crate) fn new(timeout: Timeout, started: Instant) -> Timer {
        Timer { timeout, next: started.checked_add(timeout.after).map(|due| (due, libc::SIGTERM)) }
    }

    /// When the next signal is due.
    pub(crate) fn due(&self) -> Option<Instant> {
        self.next.map(|(due, _)| due)
    }

    /// The signal that is due now.
    pub(crate) fn signal(&mut self, now: Instant) -> Option<i32> {
        let (_, signal) = self.next.filter(|(due, _)| *due <= now)?;
        let kill = || now.checked_add(self.timeout.grace).map(|due| (due, libc::SIGKILL));
        self.next = if signal == libc::SIGTERM { kill() } else { None };
        Some(signal)
    }
}
