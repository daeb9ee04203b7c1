//! Descriptors of this process: their numbers, memfds, and writes that raise no SIGPIPE.

pub(crate) mod memory;
pub(crate) mod quiet;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The lowest number that is not a standard stream.
pub(crate) const FIRST: RawFd = 3;

/// Duplicates the descriptor unless its number is already 3 or greater.
pub(crate) fn above_the_streams(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() >= FIRST {
        return Ok(fd);
    }
    moved_to(&fd, FIRST)
}

/// Duplicates the descriptor to the lowest free number from `lowest` up, close-on-exec.
pub(crate) fn moved_to(fd: &OwnedFd, lowest: RawFd) -> Result<OwnedFd, Errno> {
    let moved = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: F_DUPFD_CLOEXEC has just returned the descriptor, so nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}
