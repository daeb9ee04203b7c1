//! Drains a pipe after the result of its command was returned.

use crate::engine::{self, Job, Next};
use nix::errno::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Instant;

/// Reads and discards what still arrives on an abandoned pipe, so that a leftover that writes to it does not get
/// SIGPIPE.
pub(super) fn drain(end: OwnedFd) {
    let _ = engine::add(Box::new(Drain(end)));
}

struct Drain(OwnedFd);

impl Job for Drain {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }

    fn turn(&mut self, _: Instant, _: bool) -> Next {
        let mut thrown_away = [0; 16 << 10];
        match nix::unistd::read(&self.0, &mut thrown_away) {
            Ok(0) => Next::Done,
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => Next::Wait { until: None, listens: true },
            Err(_) => Next::Done,
        }
    }
}
