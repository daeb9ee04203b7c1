//! The numbers of descriptors that a start needs besides its schedule.

use crate::fd::moved_to;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// The same file at a number that the schedule leaves alone; numbers in the way are passed over.
pub(super) fn aside(mut fd: OwnedFd, schedule: &Schedule) -> Result<OwnedFd, Errno> {
    while schedule.is_used(fd.as_raw_fd()) {
        fd = moved_to(&fd, fd.as_raw_fd() + 1)?;
    }
    Ok(fd)
}

/// `fds`, which ascend, with `more` among them.
pub(super) fn kept_with(fds: &[RawFd], more: &[RawFd]) -> Few<RawFd> {
    let mut kept: Few<_> = fds.iter().chain(more).copied().collect();
    kept.sort_unstable();
    kept
}
