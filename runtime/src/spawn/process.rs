//! A child that is running: waited for by its pidfd, so that no other process of the same number is ever meant.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// From linux/wait.h: children of any kind; and those alone whose end is not told by SIGCHLD, as before exec.
const ANY_KIND: i32 = libc::__WALL;
const BEFORE_EXEC: i32 = libc::__WCLONE;

/// How many milliseconds the kernel may take between two steps of its own.
const RELEASE: u16 = 1_000;

/// How a wait ended.
#[derive(Clone, Copy)]
pub(crate) enum Waited {
    Running,
    Ended(ExitStatus),
    /// Ended, and somebody else was told how: SIGCHLD is ignored, or another thread waits for any child.
    Lost,
}

/// Dropped before its end was waited for, it is killed and reaped.
pub(crate) struct Process {
    pid: i32,
    /// Absent on kernels that cannot give one.
    pidfd: Option<OwnedFd>,
    /// How it ended, once it was waited for: the kernel tells it once.
    end: Option<Waited>,
    /// Not killed when dropped.
    left_running: bool,
    leads_group: bool,
}

impl Process {
    pub(super) fn new(pid: i32, pidfd: Option<OwnedFd>) -> Process {
        let pidfd = pidfd.or_else(|| pidfd_open(pid));
        Process { pid, pidfd, end: None, left_running: false, leads_group: false }
    }

    /// A process that never was, and has ended.
    #[cfg(feature = "dry-run")]
    pub(crate) fn answered(status: ExitStatus) -> Process {
        let end = Some(Waited::Ended(status));
        Process { pid: 0, pidfd: None, end, left_running: false, leads_group: false }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    /// Waits for the end.
    pub(crate) fn wait(&mut self) -> Waited {
        self.wait_with(libc::WEXITED | ANY_KIND)
    }

    /// Whether it has ended.
    pub(crate) fn try_wait(&mut self) -> Waited {
        self.wait_with(libc::WEXITED | libc::WNOHANG | ANY_KIND)
    }

    fn wait_with(&mut self, options: i32) -> Waited {
        if let Some(end) = self.end {
            return end;
        }
        let waited = match self.waitid(options) {
            Ok(None) => return Waited::Running,
            Ok(Some(status)) => Waited::Ended(status),
            Err(_) => self.status_after_reaping().map_or(Waited::Lost, Waited::Ended),
        };
        self.end = Some(waited);
        waited
    }

    /// How it ended before it could execute the program. Exec makes a child one that ends with SIGCHLD before it lets go
    /// of the parent's memory and of its pipes: one that has let go and is of the other kind is dying, if not dead.
    pub(super) fn died_before_exec(&mut self) -> Option<ExitStatus> {
        let peek = libc::WEXITED | libc::WNOWAIT | BEFORE_EXEC;
        let status = match self.waitid(peek | libc::WNOHANG) {
            Ok(None) => self.waitid(peek).ok().flatten()?,
            Ok(Some(status)) => status,
            Err(_) => return None,
        };
        self.reap();
        Some(status)
    }

    /// Takes the end of a child that is known to have ended.
    pub(super) fn reap(&mut self) {
        self.wait();
    }

    fn waitid(&self, options: i32) -> Result<Option<ExitStatus>, Errno> {
        let (kind, id) = match &self.pidfd {
            Some(pidfd) => (libc::P_PIDFD, pidfd.as_raw_fd()),
            None => (libc::P_PID, self.pid),
        };
        let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        loop {
            // SAFETY: the structure is valid; an id is a pid or a descriptor, both positive.
            match Errno::result(unsafe { libc::waitid(kind, id as libc::id_t, info.as_mut_ptr(), options) }) {
                Err(Errno::EINTR) => {}
                Err(errno) => return Err(errno),
                Ok(_) => break,
            }
        }
        // SAFETY: zeroes are a valid value, and the kernel has filled it.
        let info = unsafe { info.assume_init_ref() };
        // SAFETY: waitid(2) sets the fields of SIGCHLD, or leaves zeroes where nothing has ended.
        let pid = unsafe { info.si_pid() };
        // SAFETY: as above.
        let status = unsafe { info.si_status() };
        if pid == 0 {
            return Ok(None);
        }
        Ok(Some(ExitStatus::from_raw(match info.si_code {
            libc::CLD_EXITED => (status & 0xff) << 8,
            libc::CLD_DUMPED => status | 0x80,
            _ => status,
        })))
    }

    /// What the kernel remembers of a process that somebody else has reaped (Linux 6.15).
    fn status_after_reaping(&self) -> Option<ExitStatus> {
        let pidfd = self.pidfd.as_ref()?;
        loop {
            let mut info = PidfdInfo { mask: PIDFD_INFO_EXIT, ..PidfdInfo::default() };
            // SAFETY: the structure is valid, and the request carries its size.
            Errno::result(unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO as _, &raw mut info) }).ok()?;
            if info.mask & PIDFD_INFO_EXIT != 0 {
                return Some(ExitStatus::from_raw(info.exit_code));
            }
            // It is nobody's child any more, but the kernel has not let go of it yet, and hangs the pidfd up when it does.
            let mut hung_up = [PollFd::new(pidfd.as_fd(), PollFlags::empty())];
            match poll(&mut hung_up, RELEASE) {
                Ok(0) => return None,
                Ok(_) | Err(Errno::EINTR) => {}
                Err(_) => return None,
            }
        }
    }

    /// Lets it run on, unreaped.
    pub(crate) fn leave_running(mut self) {
        self.left_running = true;
    }

    /// Sends a signal, to the process as long as it was not waited for.
    pub(crate) fn signal(&self, signal: i32) {
        if self.end.is_some() {
            return;
        }
        if let Some(pidfd) = &self.pidfd {
            // SAFETY: takes no pointers but a null one.
            let sent = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, 0, 0) };
            // A filter of system calls may let pidfds be made and not be used.
            if !matches!(Errno::result(sent), Err(Errno::ENOSYS | Errno::EPERM)) {
                return;
            }
        }
        // SAFETY: takes no pointers. This process has not waited for the child, whose number it still is.
        unsafe { libc::kill(self.pid, signal) };
    }

    /// The program leads a process group, which is ended with it.
    pub(super) fn leads_group(mut self, leads: bool) -> Process {
        self.leads_group = leads;
        self
    }

    /// Sends a signal to the process, and to the group that it leads.
    pub(crate) fn signal_all(&self, signal: i32) {
        self.signal(signal);
        if self.leads_group && self.end.is_none() {
            // SAFETY: the leader was not reaped, so that the number is still that of its group.
            unsafe { libc::kill(-self.pid, signal) };
        }
    }

    /// Sends SIGKILL.
    pub(crate) fn kill(&self) {
        self.signal(libc::SIGKILL);
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.end.is_none() && !self.left_running {
            self.kill();
            self.wait();
        }
    }
}

/// For a child that was made without one: it was not reaped, so that the number is its own.
fn pidfd_open(pid: i32) -> Option<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: takes no pointers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the kernel has just opened it, and nothing else owns it.
    Some(unsafe { OwnedFd::from_raw_fd(fd) })
}

/// From linux/pidfd.h.
const PIDFD_INFO_EXIT: u64 = 1 << 3;
/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const PIDFD_GET_INFO: u64 = 3 << 30 | (size_of::<PidfdInfo>() as u64) << 16 | 0xFF << 8 | 11;

/// `struct pidfd_info`, in its first published size.
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup_id: u64,
    pid: u32,
    tgid: u32,
    ppid: u32,
    ids: [u32; 8],
    exit_code: i32,
}
