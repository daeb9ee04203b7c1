//! How much a pipe holds. With more in it, parent and child wake each other less often: a GiB that is
//! read as fast as it is written takes less than half the time in a wider one. See F_SETPIPE_SZ in fcntl(2).

use nix::fcntl::{FcntlArg, fcntl};
use std::os::fd::OwnedFd;

/// What a pipe holds by default.
pub(super) const USUAL: usize = 64 << 10;
/// Beyond this more gains nothing, and each user has but so much.
const WIDE: i32 = 256 << 10;

/// Lets a pipe hold more. Where the kernel refuses, it stays as it is.
pub(super) fn widen(end: &OwnedFd) {
    let _ = fcntl(end, FcntlArg::F_SETPIPE_SZ(WIDE));
}
