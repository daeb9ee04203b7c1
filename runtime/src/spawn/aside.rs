//! Descriptors that a start needs in addition to those of its schedule.

use crate::fd::moved_to;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// Duplicates `fd` until its number is one that the schedule does not use.
pub(super) fn aside(mut fd: OwnedFd, schedule: &Schedule) -> Result<OwnedFd, Errno> {
    while schedule.is_used(fd.as_raw_fd()) {
        fd = moved_to(&fd, fd.as_raw_fd() + 1)?;
    }
    Ok(fd)
}

/// The union of `fds`, which ascend, and `more`, in ascending order.
pub(super) fn kept_with(fds: &[RawFd], more: &[RawFd]) -> Few<RawFd> {
    let mut kept: Few<_> = fds.iter().chain(more).copied().collect();
    kept.sort_unstable();
    kept
}
