//! Pipes of ours whose numbers are high, as in a parent with many descriptors open. To keep them while the child leaves
//! the parent's table copies everything below them: the child lets go of them with all others, and opens them again by
//! way of proc(5).

use super::few::Few;
use std::os::fd::RawFd;
use std::sync::atomic::{AtomicBool, Ordering};

/// So much further up than anything else a pipe is, to be worth it.
pub(crate) const FAR: RawFd = 128;

/// It failed once, as where /proc is not mounted: it is not tried again.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// A pipe that the child does not keep but opens again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct FarPipe {
    /// Its number in the parent.
    pub(crate) from: RawFd,
    /// Its number in the child, before it is moved.
    pub(crate) at: RawFd,
    pub(crate) writes: bool,
}

/// A pipe that the child opens.
#[derive(Clone, Copy, Default)]
pub(crate) struct Reopened {
    /// `/proc/PID/fd/NUMBER`, ended by NULs.
    pub(crate) path: [u8; 32],
    pub(crate) flags: i32,
    /// What must be found there.
    pub(crate) device: u64,
    pub(crate) inode: u64,
    /// The number that it gets at first.
    pub(crate) at: RawFd,
}

impl Reopened {
    /// The `number` of this process, which the child gets at `at`.
    fn new(number: RawFd, at: RawFd, writes: bool) -> Reopened {
        let text = format!("/proc/{}/fd/{number}", std::process::id());
        let mut path = [0; 32];
        // Longer than any two numbers.
        path.iter_mut().zip(text.bytes()).for_each(|(place, byte)| *place = byte);
        let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: the structure is valid.
        unsafe { libc::fstat(number, stat.as_mut_ptr()) };
        // SAFETY: zeroes are a valid value, and the kernel has filled it where the call has not failed.
        let stat = unsafe { stat.assume_init_ref() };
        let flags = libc::O_CLOEXEC | if writes { libc::O_WRONLY } else { libc::O_RDONLY };
        Reopened { path, flags, device: stat.st_dev, inode: stat.st_ino, at }
    }

    /// All of these.
    pub(crate) fn all(pipes: &[FarPipe]) -> Few<Reopened> {
        pipes.iter().map(|pipe| Reopened::new(pipe.from, pipe.at, pipe.writes)).collect()
    }
}

/// Whether it can be tried: a process that is not dumpable has closed its part of /proc.
pub(crate) fn may_be_tried() -> bool {
    // SAFETY: takes no pointers.
    !REFUSED.load(Ordering::Relaxed) && unsafe { libc::prctl(libc::PR_GET_DUMPABLE) } == 1
}

pub(crate) fn refused() {
    REFUSED.store(true, Ordering::Relaxed);
}
