//! Descriptors of this process: their numbers, files in memory, writes that raise no SIGPIPE.

pub(crate) mod memory;
pub(crate) mod quiet;

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, fcntl};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// The lowest number that is no standard stream.
pub(crate) const FIRST: RawFd = 3;

/// The same file at a number from 3 up.
pub(crate) fn above_the_streams(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() >= FIRST {
        return Ok(fd);
    }
    moved_to(&fd, FIRST)
}

/// The same file at the lowest free number from `lowest` up, close-on-exec.
pub(crate) fn moved_to(fd: &OwnedFd, lowest: RawFd) -> Result<OwnedFd, Errno> {
    let moved = fcntl(fd, FcntlArg::F_DUPFD_CLOEXEC(lowest))?;
    // SAFETY: fcntl(F_DUPFD_CLOEXEC) has just opened this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(moved) })
}
