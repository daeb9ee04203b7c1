//! Pipes of this crate with high numbers, as in a parent with many open descriptors. If the child kept such a pipe
//! while it unshares the descriptor table, the kernel would copy all entries below it. So the child closes these pipes
//! with the others, and reopens them through proc(5).

use super::few::Few;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// How far a pipe must be above all other sources for this to save time.
pub(crate) const FAR: RawFd = 128;

/// Set once reopening failed, for example because /proc is not mounted; it is not tried again.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// A pipe that the child closes and reopens.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FarPipe {
    /// Its number in the parent.
    pub(crate) from: RawFd,
    /// Its first number in the child, before the moves.
    pub(crate) at: RawFd,
    pub(crate) writes: bool,
}

/// A pipe to reopen, as the child uses it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reopened {
    /// `/proc/PID/fd/NUMBER`, padded with NULs.
    pub(crate) path: [u8; 32],
    pub(crate) flags: i32,
    /// The identity of the pipe, which the reopened one must have.
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// Its first number in the child.
    pub(crate) at: RawFd,
}

impl Reopened {
    /// The pipe `number` of this process, which the child opens at `at`.
    fn new(number: RawFd, at: RawFd, writes: bool) -> Reopened {
        let text = format!("/proc/{}/fd/{number}", std::process::id());
        let mut path = [0; 32];
        // The array is longer than the path with any two numbers.
        path.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
        let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: the kernel writes one `stat`, which lives during the call.
        unsafe { libc::fstat(number, stat.as_mut_ptr()) };
        // SAFETY: an all-zero `stat` is valid, and the kernel has filled it unless the call failed.
        let stat = unsafe { stat.assume_init_ref() };
        let flags = libc::O_CLOEXEC | if writes { libc::O_WRONLY } else { libc::O_RDONLY };
        Reopened { path, flags, device: stat.st_dev, inode: stat.st_ino, at }
    }

    /// Prepares all of these pipes.
    pub(crate) fn all(pipes: &[FarPipe]) -> Few<Reopened> {
        pipes.iter().map(|pipe| Reopened::new(pipe.from, pipe.at, pipe.writes)).collect()
    }
}

/// Whether reopening can work. The kernel denies access to /proc/PID/fd of a process that is not dumpable.
pub(crate) fn may_be_tried() -> bool {
    // SAFETY: this operation of prctl takes no pointers.
    !REFUSED.load(Ordering::Relaxed) && unsafe { libc::prctl(libc::PR_GET_DUMPABLE) } == 1
}

pub(crate) fn refused() {
    REFUSED.store(true, Ordering::Relaxed);
}
