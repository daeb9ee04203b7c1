//! The report of a child: which step failed, for its parent to read.

use super::aside::aside;
use super::failure::{FailedStep, Failure, died_before_exec};
use crate::error::{KEPT_OF_CLOSURE, Step};
use crate::plan::descriptors::Schedule;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::pipe2;
use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicI32, AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// How far a daemon got with its pidfile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pidfile {
    Untouched = 0,
    /// It is opening the file, and may have created it.
    MayBeThere = 1,
    Locked = 2,
}

/// The report page, which parent and child share.
#[derive(Default)]
#[repr(C)]
pub(super) struct Report {
    /// The number of the failed step plus one; 0 if none has failed.
    step: AtomicU32,
    errno: AtomicI32,
    operand: AtomicI32,
    /// How far the daemon got with its pidfile, which is to be removed if a later step fails.
    pidfile: AtomicU32,
    /// The pid of the daemon, once it exists.
    daemon: AtomicI32,
    /// Not 0 while the daemon uses the memory of this process. The kernel clears it (CLONE_CHILD_CLEARTID).
    daemon_is_in: AtomicI32,
}

impl Report {
    pub(super) fn clear(&self) {
        self.step.store(0, Ordering::Relaxed);
        self.pidfile.store(Pidfile::Untouched as u32, Ordering::Relaxed);
        self.daemon.store(0, Ordering::Relaxed);
        self.daemon_is_in.store(0, Ordering::Relaxed);
    }

    /// Called in the intermediate process and in the daemon.
    #[inline(always)]
    pub(super) fn set_daemon(&self, pid: i32) {
        self.daemon.store(pid, Ordering::Release);
    }

    /// The address for CLONE_PARENT_SETTID and CLONE_CHILD_CLEARTID: the kernel writes the daemon's tid there before
    /// the daemon runs, and clears it when the daemon no longer uses this memory. The intermediate process passes it to
    /// clone.
    #[inline(always)]
    pub(super) fn daemon_is_in(&self) -> *mut i32 {
        self.daemon_is_in.as_ptr()
    }

    /// Waits until no daemon uses the memory of this process. CLONE_VFORK suspends the intermediate process as long,
    /// but it may be killed before.
    pub(super) fn wait_for_daemon(&self) {
        loop {
            let pid = self.daemon_is_in.load(Ordering::Acquire);
            if pid == 0 {
                return;
            }
            // A timeout, in case a wake-up is missed.
            let time = libc::timespec { tv_sec: 0, tv_nsec: 10_000_000 };
            // SAFETY: the futex word lives as long as this report, and the kernel reads one `timespec`, which lives
            // during the call.
            unsafe {
                libc::syscall(
                    libc::SYS_futex,
                    self.daemon_is_in.as_ptr(),
                    libc::FUTEX_WAIT,
                    pid,
                    &raw const time,
                    0,
                    0,
                );
            }
        }
    }

    pub(super) fn daemon(&self) -> Option<i32> {
        Some(self.daemon.load(Ordering::Acquire)).filter(|pid| *pid > 0)
    }

    /// Called in the daemon.
    #[inline(always)]
    pub(super) fn set_pidfile(&self, state: Pidfile) {
        self.pidfile.store(state as u32, Ordering::Relaxed);
    }

    /// Called in the intermediate process.
    #[inline(always)]
    pub(super) fn pidfile(&self) -> Pidfile {
        match self.pidfile.load(Ordering::Relaxed) {
            1 => Pidfile::MayBeThere,
            2 => Pidfile::Locked,
            _ => Pidfile::Untouched,
        }
    }

    /// Called in the child. It only stores.
    #[inline(always)]
    pub(super) fn write(&self, fault: &FailedStep) {
        self.errno.store(fault.errno, Ordering::Relaxed);
        self.operand.store(fault.operand, Ordering::Relaxed);
        self.step.store(fault.step as u32 + 1, Ordering::Release);
    }

    /// Called in the child as well.
    #[inline(always)]
    pub(super) fn is_written(&self) -> bool {
        self.step.load(Ordering::Acquire) != 0
    }

    pub(super) fn read(&self) -> Option<Failure> {
        let step = self.step.load(Ordering::Acquire).checked_sub(1)?;
        Some(failure(step, self.errno.load(Ordering::Relaxed), self.operand.load(Ordering::Relaxed)))
    }
}

fn failure(step: u32, errno: i32, operand: RawFd) -> Failure {
    let step = Step::from_number(step).unwrap_or(Step::Report);
    // No step failed: the daemon died before exec, and the intermediate process saw its status.
    if step == Step::Exec && errno == 0 {
        return died_before_exec(ExitStatus::from_raw(operand));
    }
    Failure { step, source: io::Error::from_raw_os_error(errno), operand }
}

/// The report pipe, used in addition to the page. It is close-on-exec, so end-of-file shows that the program was
/// executed or that the child has died.
pub(super) struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
}

/// The message of a child that waits for the handshake.
pub(super) const READY: [u8; 1] = [1];
/// The last message of a child before exec.
pub(super) const EXECUTING: [u8; 1] = [2];

/// The length of a failure message: step, errno and operand, four bytes each. The message of a closure follows.
pub(super) const MESSAGE: usize = 12;
/// At most POSIX's PIPE_BUF (512), so that a pipe takes a message whole.
pub(super) const LONGEST: usize = MESSAGE + KEPT_OF_CLOSURE;

impl Pipe {
    /// Creates a pipe whose write end has a number that the schedule does not use.
    pub(super) fn new(schedule: &Schedule) -> Result<Pipe, Errno> {
        let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
        Ok(Pipe { read, write: aside(write, schedule)? })
    }

    pub(super) fn write_end(&self) -> RawFd {
        self.write.as_raw_fd()
    }

    /// Closes this process's write end, so that end-of-file can be seen. Reads wait until `deadline` at most.
    pub(super) fn listen(self, deadline: Option<Instant>) -> Listener {
        Listener { read: self.read, deadline }
    }
}

/// The parent's end of the pipe.
pub(super) struct Listener {
    read: OwnedFd,
    deadline: Option<Instant>,
}

/// A message of the child.
pub(super) enum Said {
    /// It waits for the handshake.
    Ready,
    /// It executes the program next.
    Executing,
    Failed(Failure),
    /// End-of-file: the child has executed the program, or died.
    Nothing,
}

impl Listener {
    /// Waits for the next message or for end-of-file. Fails with ETIME if the deadline passes first.
    pub(super) fn next(&self) -> Result<Said, Errno> {
        self.wait_until_deadline()?;
        let mut message = [0; LONGEST];
        let mut length = loop {
            match nix::unistd::read(&self.read, &mut message) {
                Err(Errno::EINTR) => {}
                other => break other?,
            }
        };
        if message[..length] == READY {
            return Ok(Said::Ready);
        }
        if message[..length] == EXECUTING {
            return Ok(Said::Executing);
        }
        // One read may return a single-byte message together with the failure that followed it. A failure of the steps
        // after such a message has exactly `MESSAGE` bytes, so the extra first byte is that message.
        if length == MESSAGE + 1 && [READY, EXECUTING].contains(&[message[0]]) {
            message.rotate_left(1);
            length -= 1;
        }
        // A failure of this length is written atomically, so a shorter message is end-of-file.
        if length < MESSAGE {
            return Ok(Said::Nothing);
        }
        let word = |at: usize| [message[at], message[at + 1], message[at + 2], message[at + 3]];
        let (step, errno) = (u32::from_ne_bytes(word(0)), i32::from_ne_bytes(word(4)));
        let mut failure = failure(step, errno, i32::from_ne_bytes(word(8)));
        if length > MESSAGE {
            failure.source = io::Error::other(String::from_utf8_lossy(&message[MESSAGE..length]));
        }
        Ok(Said::Failed(failure))
    }

    fn wait_until_deadline(&self) -> Result<(), Errno> {
        let Some(deadline) = self.deadline else { return Ok(()) };
        let mut said = [PollFd::new(self.read.as_fd(), PollFlags::POLLIN)];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            // Rounded up to whole milliseconds: a poll with a timeout of 0 would spin.
            let left = left.saturating_add(Duration::from_micros(999));
            match poll(&mut said, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
                Ok(0) if Instant::now() >= deadline => return Err(Errno::ETIME),
                Ok(0) | Err(Errno::EINTR) => {}
                // If poll(2) fails, the read blocks instead, without a deadline.
                Ok(_) | Err(_) => return Ok(()),
            }
        }
    }
}
