//! The capacity of a pipe. A larger one lets parent and child wake each other less often: to read a GiB as fast as it
//! is written takes less than half the time. See F_SETPIPE_SZ in fcntl(2).

use nix::fcntl::{FcntlArg, fcntl};
use std::os::fd::OwnedFd;

/// The default capacity.
pub(super) const USUAL: usize = 64 << 10;
/// More than this gains nothing, and the kernel limits the total per user.
const WIDE: i32 = 256 << 10;

/// Enlarges a pipe. If the kernel refuses, it keeps its size.
pub(super) fn widen(end: &OwnedFd) {
    let _ = fcntl(end, FcntlArg::F_SETPIPE_SZ(WIDE));
}
