//! Writes to a pipe or socket without raising SIGPIPE in this process.

use nix::errno::Errno;
use nix::sys::signal::{SigSet, SigmaskHow, Signal, sigprocmask};
use std::os::fd::{AsRawFd, OwnedFd};

/// From linux/fs.h (Linux 6.18). A write to a pipe without a reader then raises no SIGPIPE.
const RWF_NOSIGNAL: i32 = 0x100;

/// Writes without raising SIGPIPE, and without changing its action.
pub(crate) fn write_quietly(end: &OwnedFd, bytes: &[u8]) -> Result<usize, Errno> {
    let vector = libc::iovec { iov_base: bytes.as_ptr().cast_mut().cast(), iov_len: bytes.len() };
    // SAFETY: the vector describes a borrowed slice, and the kernel only reads it.
    let written = unsafe { libc::pwritev2(end.as_raw_fd(), &raw const vector, 1, -1, RWF_NOSIGNAL) };
    match Errno::result(written) {
        Err(Errno::EOPNOTSUPP | Errno::EINVAL | Errno::ENOSYS | Errno::EPERM) => write_taking_signal(end, bytes),
        other => other.map(|written| written as usize),
    }
}

/// For older kernels: blocks the signal in this thread, and consumes it if this write raised it.
fn write_taking_signal(end: &OwnedFd, bytes: &[u8]) -> Result<usize, Errno> {
    let mut sigpipe = SigSet::empty();
    sigpipe.add(Signal::SIGPIPE);
    let mut before = SigSet::empty();
    sigprocmask(SigmaskHow::SIG_BLOCK, Some(&sigpipe), Some(&mut before))?;
    let was_pending = is_pending(Signal::SIGPIPE);
    let written = nix::unistd::write(end, bytes);
    if written == Err(Errno::EPIPE) && !was_pending {
        take(&sigpipe);
    }
    sigprocmask(SigmaskHow::SIG_SETMASK, Some(&before), None)?;
    written
}

fn is_pending(signal: Signal) -> bool {
    let mut pending = SigSet::empty().as_ref().to_owned();
    // SAFETY: libc writes one set, which lives during the call.
    unsafe { libc::sigpending(&raw mut pending) };
    // SAFETY: sigpending has filled the set.
    unsafe { libc::sigismember(&raw const pending, signal as i32) == 1 }
}

/// Consumes a pending signal, without waiting.
fn take(set: &SigSet) {
    let at_once = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: libc reads the set and the time, which live during the call; the null pointer asks for no information.
    unsafe { libc::sigtimedwait(set.as_ref(), std::ptr::null_mut(), &raw const at_once) };
}
