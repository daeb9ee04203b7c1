//! How a child tells its parent which step failed.

use super::aside::aside;
use super::fault::{Failure, Fault, died_before_exec};
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

/// What a daemon has done to its pidfile.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Pidfile {
    Untouched = 0,
    /// It opens it, and may have made it.
    MayBeThere = 1,
    Locked = 2,
}

/// Stands on a page that parent and child share.
#[derive(Default)]
#[repr(C)]
pub(super) struct Report {
    /// One more than the number of the failed step; 0 as long as none failed.
    step: AtomicU32,
    errno: AtomicI32,
    operand: AtomicI32,
    /// What the daemon has done to its pidfile, which is to be removed if a later step fails.
    pidfile: AtomicU32,
    /// The pid of the daemon, once there is one.
    daemon: AtomicI32,
    /// Not 0 while the daemon uses the memory of this process: the kernel clears it.
    daemon_is_in: AtomicI32,
}

impl Report {
    pub(super) fn clear(&self) {
        self.step.store(0, Ordering::Relaxed);
        self.pidfile.store(Pidfile::Untouched as u32, Ordering::Relaxed);
        self.daemon.store(0, Ordering::Relaxed);
        self.daemon_is_in.store(0, Ordering::Relaxed);
    }

    /// Called in the process that made the daemon, and in the daemon.
    #[inline(always)]
    pub(super) fn set_daemon(&self, pid: i32) {
        self.daemon.store(pid, Ordering::Release);
    }

    /// Where the kernel notes the daemon, before it runs, and clears it, once it uses this memory no more. Passed on by the
    /// process that makes the daemon.
    #[inline(always)]
    pub(super) fn daemon_is_in(&self) -> *mut i32 {
        self.daemon_is_in.as_ptr()
    }

    /// Waits until no daemon uses the memory of this process any more. The process that made it stays as long; but
    /// somebody may kill that one first.
    pub(super) fn wait_for_daemon(&self) {
        loop {
            let pid = self.daemon_is_in.load(Ordering::Acquire);
            if pid == 0 {
                return;
            }
            // Not for ever, should a wake be missed.
            let time = libc::timespec { tv_sec: 0, tv_nsec: 10_000_000 };
            // SAFETY: the word lives as long as this report.
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

    /// Called in the process that made the daemon.
    #[inline(always)]
    pub(super) fn pidfile(&self) -> Pidfile {
        match self.pidfile.load(Ordering::Relaxed) {
            1 => Pidfile::MayBeThere,
            2 => Pidfile::Locked,
            _ => Pidfile::Untouched,
        }
    }

    /// Called in the child: stores and nothing else.
    #[inline(always)]
    pub(super) fn write(&self, fault: &Fault) {
        self.errno.store(fault.errno, Ordering::Relaxed);
        self.operand.store(fault.operand, Ordering::Relaxed);
        self.step.store(fault.step as u32 + 1, Ordering::Release);
    }

    /// Called in the child too.
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
    // Not a step that failed: the daemon died on its way, and its maker has seen how.
    if step == Step::Exec && errno == 0 {
        return died_before_exec(ExitStatus::from_raw(operand));
    }
    Failure { step, source: io::Error::from_raw_os_error(errno), operand }
}

/// A pipe beside the page: closed by exec, so that its end says that the program was executed.
pub(super) struct Pipe {
    read: OwnedFd,
    write: OwnedFd,
}

/// What a child says when it waits for the parent's word.
pub(super) const READY: [u8; 1] = [1];
/// What the stage says last.
pub(super) const EXECUTING: [u8; 1] = [2];

/// What goes through the pipe: step, errno and operand, four bytes each, and behind them the message of a closure.
pub(super) const MESSAGE: usize = 12;
/// No more than a pipe takes at once (POSIX's PIPE_BUF, 512).
pub(super) const LONGEST: usize = MESSAGE + KEPT_OF_CLOSURE;

impl Pipe {
    /// A pipe whose write end has a number that the schedule leaves alone.
    pub(super) fn new(schedule: &Schedule) -> Result<Pipe, Errno> {
        let (read, write) = pipe2(OFlag::O_CLOEXEC)?;
        Ok(Pipe { read, write: aside(write, schedule)? })
    }

    pub(super) fn write_end(&self) -> RawFd {
        self.write.as_raw_fd()
    }

    /// Lets go of the child's end, so that the end of the pipe shows. It is listened to no longer than until `deadline`.
    pub(super) fn listen(self, deadline: Option<Instant>) -> Listener {
        Listener { read: self.read, deadline }
    }
}

/// The parent's end of the pipe.
pub(super) struct Listener {
    read: OwnedFd,
    deadline: Option<Instant>,
}

/// What a child has said.
pub(super) enum Said {
    /// It waits for the parent's word.
    Ready,
    /// It executes the program next.
    Executing,
    Failed(Failure),
    /// Nothing, and nothing will come: it has executed the program, or died.
    Nothing,
}

impl Listener {
    /// Waits for what the child says, or for the end of the pipe; ETIME where the time of the command is up before.
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
        // A word that was read together with the report that followed at once, whose first bytes are a small number.
        if length == MESSAGE + 1 && [READY, EXECUTING].contains(&[message[0]]) {
            message.rotate_left(1);
            length -= 1;
        }
        // A message of this length is written whole or not at all.
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
            // Rounded up, so that a wait of less than a millisecond does not become a loop without one.
            let left = left.saturating_add(Duration::from_micros(999));
            match poll(&mut said, PollTimeout::try_from(left).unwrap_or(PollTimeout::MAX)) {
                Ok(0) if Instant::now() >= deadline => return Err(Errno::ETIME),
                Ok(0) | Err(Errno::EINTR) => {}
                // Without poll(2) the read waits, as long as it takes.
                Ok(_) | Err(_) => return Ok(()),
            }
        }
    }
}
