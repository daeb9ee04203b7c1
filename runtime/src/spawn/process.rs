//! A running child. It is identified by its pidfd, so a process that reuses its pid is never waited for or signalled.

use super::exited;
use super::stat::Stat;
use crate::fork;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getpgid};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// From linux/wait.h. ANY_KIND: children with any exit signal. BEFORE_EXEC: only those whose exit signal is not
/// SIGCHLD, as before exec.
const ANY_KIND: i32 = libc::__WALL;
const BEFORE_EXEC: i32 = libc::__WCLONE;

/// How often a child without a pidfd is polled.
pub(crate) const ASKING: Duration = Duration::from_millis(5);

/// How long a killed process is waited for. One that is in uninterruptible sleep, or that this process may not signal,
/// is reported as still running.
pub(crate) const LAST: Duration = Duration::from_secs(1);
/// How often a child that is about to end is polled.
const LOOK: Duration = Duration::from_millis(20);
/// From linux/pidfd.h.
const PIDFD_SIGNAL_PROCESS_GROUP: u32 = 1 << 2;

/// How a wait ended.
#[derive(Clone, Copy)]
pub(crate) enum Waited {
    Running,
    Ended(ExitStatus),
    /// It has ended, but its status is lost: SIGCHLD is ignored, or another thread that waits for any child has reaped
    /// it.
    Lost,
    /// The process with this pid was sent SIGKILL and has not ended within a second.
    StillRunning(u32),
}

/// The pid of a process that never existed. It is greater than PID_MAX_LIMIT, so a signal to it fails with ESRCH; a
/// signal to 0 would reach the group of this process.
pub(crate) const NOBODY: i32 = i32::MAX;

/// Dropping a process that has not been waited for kills and reaps it.
pub(crate) struct Process {
    pid: i32,
    /// `None` if the kernel does not support pidfds.
    pidfd: Option<OwnedFd>,
    leads_group: bool,
    /// The [`fork::generation`] of the process that started it. It is compared without the lock: a fork may inherit the
    /// lock held for ever.
    parent: Option<u64>,
    seen: Mutex<Seen>,
}

/// The state of the child, as far as it was waited for.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// How it ended. Stored, because the kernel tells it once.
    end: Option<Waited>,
    /// Its end is known, but it has not been reaped. While it is a zombie, its pid and the id of its group cannot be
    /// reused.
    is_kept: bool,
    /// Dropping it does not kill it.
    left_running: bool,
}

impl Process {
    pub(super) fn new(pid: i32, pidfd: Option<OwnedFd>) -> Process {
        let pidfd = pidfd.or_else(|| pidfd_open(pid));
        Process { pid, pidfd, leads_group: false, parent: Some(fork::generation()), seen: Mutex::default() }
    }

    /// A process that never existed and has ended.
    pub(crate) fn that_never_was(end: Waited) -> Process {
        let seen = Seen { end: Some(end), ..Seen::default() };
        Process { pid: NOBODY, pidfd: None, leads_group: false, parent: None, seen: Mutex::new(seen) }
    }

    pub(crate) fn pid(&self) -> i32 {
        self.pid
    }

    pub(crate) fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    /// Whether this process started it. A fork of the process that started it did not.
    pub(crate) fn is_own(&self) -> bool {
        self.parent.is_none_or(|parent| parent == fork::generation())
    }

    pub(crate) fn leads_a_group(&self) -> bool {
        self.leads_group
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How it ended, if that is known.
    pub(crate) fn end(&self) -> Option<Waited> {
        self.seen().end
    }

    /// Waits until it ends.
    pub(crate) fn wait(&self) -> Waited {
        self.wait_with(libc::WEXITED | ANY_KIND)
    }

    /// Tells whether it has ended, without waiting.
    pub(crate) fn try_wait(&self) -> Waited {
        self.wait_with(libc::WEXITED | libc::WNOHANG | ANY_KIND)
    }

    /// Whether it seems to have ended, as its pidfd tells. A tracer may still hold it back from being reaped.
    pub(crate) fn seems_over(&self) -> bool {
        match &self.pidfd {
            Some(pidfd) => is_ready(pidfd, false),
            None => self.is_zombie().unwrap_or_else(|| !matches!(self.try_wait(), Waited::Running)),
        }
    }

    /// Whether it has ended and is not reaped yet, as /proc tells. `None` where waitid(2) can tell, or /proc cannot.
    fn is_zombie(&self) -> Option<bool> {
        if self.end().is_some() || exited::can_peek() {
            return None;
        }
        Stat::of(self.pid).filter(Stat::is_child).map(|stat| stat.is_over())
    }

    fn wait_with(&self, options: i32) -> Waited {
        let mut seen = self.seen();
        if let Some(end) = seen.end {
            return end;
        }
        // A group leader stays a zombie until its group needs no more signals.
        let keep = if self.leads_group { libc::WNOWAIT } else { 0 };
        let waited = match self.ask(options | keep) {
            Ok(None) => return Waited::Running,
            Ok(Some(Asked { status, is_reaped })) => {
                seen.is_kept = !is_reaped;
                Waited::Ended(status)
            }
            Err(errno) => self.status_after_reaping(errno == Errno::ECHILD).map_or(Waited::Lost, Waited::Ended),
        };
        seen.end = Some(waited);
        waited
    }

    /// How the child ended, if it ended before exec. exec resets exit_signal to SIGCHLD before it releases the parent's
    /// memory and closes the pipes. So a child that has released them and still has the exit signal 0 is exiting or has
    /// exited.
    pub(super) fn died_before_exec(&self) -> Option<ExitStatus> {
        let peek = libc::WEXITED | libc::WNOWAIT | BEFORE_EXEC;
        let asked = match self.ask(peek | libc::WNOHANG) {
            Ok(None) => self.ask(peek).ok().flatten()?,
            Ok(Some(asked)) => asked,
            Err(_) => return None,
        };
        match asked.is_reaped {
            true => self.seen().end = Some(Waited::Ended(asked.status)),
            false => self.reap(),
        }
        Some(asked.status)
    }

    /// Reaps a child that has ended or is about to end.
    pub(crate) fn reap(&self) {
        self.wait();
        self.release();
    }

    /// Reaps a group leader that was kept as a zombie.
    pub(crate) fn release(&self) {
        if std::mem::take(&mut self.seen().is_kept) {
            let _ = self.ask(libc::WEXITED | ANY_KIND);
        }
    }

    /// Calls waitid(2). If a seccomp filter refuses it, calls wait4(2), and then polls the pidfd.
    fn ask(&self, options: i32) -> Result<Option<Asked>, Errno> {
        let (kind, id) = match &self.pidfd {
            Some(pidfd) => (libc::P_PIDFD, pidfd.as_raw_fd()),
            None => (libc::P_PID, self.pid),
        };
        match exited::waitid(kind, id as libc::id_t, options) {
            Ok(status) => Ok(status.map(|status| Asked { status, is_reaped: options & libc::WNOWAIT == 0 })),
            Err(Errno::ECHILD) => Err(Errno::ECHILD),
            Err(_) => self.ask_otherwise(options),
        }
    }

    #[cold]
    fn ask_otherwise(&self, options: i32) -> Result<Option<Asked>, Errno> {
        match exited::wait4(self.pid, options & !(libc::WEXITED | libc::WNOWAIT)) {
            Ok(status) => Ok(status.map(|status| Asked { status, is_reaped: true })),
            Err(Errno::ECHILD) => Err(Errno::ECHILD),
            // Both calls are refused. The pidfd tells that the child has ended, but not which exit signal it has.
            Err(errno) if options & BEFORE_EXEC != 0 => Err(errno),
            Err(errno) => match &self.pidfd {
                Some(pidfd) if !is_ready(pidfd, options & libc::WNOHANG == 0) => Ok(None),
                _ => Err(errno),
            },
        }
    }

    /// The status that the kernel still tells after another waiter has reaped the process (Linux 6.15).
    fn status_after_reaping(&self, is_gone: bool) -> Option<ExitStatus> {
        exited::remembered(self.pidfd.as_ref()?, is_gone)
    }

    /// Lets the process run on when this value is dropped.
    pub(crate) fn leave_running(&self) {
        self.seen().left_running = true;
    }

    pub(crate) fn is_left_running(&self) -> bool {
        self.seen().left_running
    }

    /// Sends a signal to the process, unless its end is known.
    pub(crate) fn signal(&self, signal: i32) {
        if self.end().is_some() {
            return;
        }
        if let Some(pidfd) = &self.pidfd {
            // SAFETY: the only pointer is null.
            let sent = unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd.as_raw_fd(), signal, 0, 0) };
            // A seccomp filter may allow pidfds to be created but not to be used.
            if !matches!(Errno::result(sent), Err(Errno::ENOSYS | Errno::EPERM)) {
                return;
            }
        }
        // SAFETY: kill takes no pointers. This process has not reaped the child, so the pid is still that of the child.
        unsafe { libc::kill(self.pid, signal) };
    }

    /// Sets whether the program leads a process group, which is then ended with it.
    pub(super) fn leads_group(mut self, leads: bool) -> Process {
        self.leads_group = leads;
        self
    }

    /// Sends a signal to the process and to the group that it leads.
    pub(crate) fn signal_all(&self, signal: i32) {
        if !self.leads_group {
            return self.signal(signal);
        }
        let was_sent = self.signal_group(signal);
        // The group includes its leader, unless the leader has moved to another group. It is signalled only once, since
        // some programs treat a second signal as a request to exit at once. A second SIGKILL does no harm.
        let own = Pid::from_raw(self.pid);
        if signal == libc::SIGKILL || !was_sent || getpgid(Some(own)) != Ok(own) {
            self.signal(signal);
        }
    }

    /// Sends a signal to the group through the pidfd (Linux 6.9). The pid of a leader that another waiter has reaped
    /// may be that of another group.
    fn signal_group_by_pidfd(&self, signal: i32) -> Result<(), Errno> {
        let pidfd = self.pidfd.as_ref().ok_or(Errno::ENOSYS)?.as_raw_fd();
        let (number, flags) = (libc::SYS_pidfd_send_signal, PIDFD_SIGNAL_PROCESS_GROUP);
        // SAFETY: the only pointer is null.
        Errno::result(unsafe { libc::syscall(number, pidfd, signal, 0, flags) }).map(drop)
    }

    /// Whether its group still has members after the leader has ended. The leader is reaped first, so that it does not
    /// count. `None` if the group can be named only by its id, which the reaping would free.
    pub(crate) fn survivors(&self) -> Option<bool> {
        if !matches!(self.signal_group_by_pidfd(0), Ok(()) | Err(Errno::ESRCH)) {
            return None;
        }
        self.reap();
        Some(self.signal_group_by_pidfd(0) != Err(Errno::ESRCH))
    }

    /// Sends a signal to the group. Returns whether the group exists.
    fn signal_group(&self, signal: i32) -> bool {
        match self.signal_group_by_pidfd(signal) {
            Ok(()) => return true,
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EPERM) => {}
            Err(_) => return false,
        }
        if !self.is_unreaped() {
            return false;
        }
        // SAFETY: kill takes no pointers. The child has not been reaped, so its pid and the id of its group are not
        // reused.
        unsafe { libc::kill(-self.pid, signal) == 0 }
    }

    /// Whether it is still a child of this process, running or a zombie. The kernel is asked, since a child is reaped
    /// without this process if SIGCHLD is ignored, or by another thread that waits for any child.
    fn is_unreaped(&self) -> bool {
        let Seen { end, is_kept, .. } = *self.seen();
        // Where waitid(2) is refused, to ask is to reap: then the group would have lost its id before it is signalled.
        if end.is_none() && !exited::can_peek() && Stat::of(self.pid).is_some_and(|stat| stat.is_child()) {
            return true;
        }
        is_kept || (end.is_none() && self.ask(libc::WEXITED | libc::WNOHANG | libc::WNOWAIT | ANY_KIND).is_ok())
    }

    /// Waits until it ends, for `time` at most. Returns whether it has ended.
    pub(super) fn ends_within(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while matches!(self.try_wait(), Waited::Running) {
            let Some(left) = time.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) else { return false };
            self.wait_at_most(left.min(LOOK));
            // A tracer holds the process, which has exited.
            if begun.elapsed() > LOOK && self.seems_over() {
                std::thread::sleep(ASKING);
            }
        }
        true
    }

    /// Waits until it may have ended, for `time` at most. See poll(2).
    pub(crate) fn wait_at_most(&self, time: Duration) {
        match &self.pidfd {
            Some(pidfd) => {
                let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
                let _ = poll(&mut ended, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
            }
            None => std::thread::sleep(time.min(ASKING)),
        }
    }
}

/// The status of a child that has ended.
struct Asked {
    status: ExitStatus,
    /// Whether asking has reaped it.
    is_reaped: bool,
}

fn is_ready(pidfd: &OwnedFd, waits: bool) -> bool {
    loop {
        let mut ended = [PollFd::new(pidfd.as_fd(), PollFlags::POLLIN)];
        match poll(&mut ended, if waits { PollTimeout::NONE } else { PollTimeout::ZERO }) {
            Err(Errno::EINTR) => {}
            other => return other.is_ok_and(|ready| ready > 0),
        }
    }
}

/// Kills the process and waits for at most a second. One that a tracer holds is reaped by a thread.
impl Drop for Process {
    fn drop(&mut self) {
        // In a fork of the process that started it there is nothing to end.
        if !self.is_own() || self.is_left_running() {
            return;
        }
        if self.end().is_none() {
            self.signal_all(libc::SIGKILL);
            if !self.ends_within(LAST) {
                let process = std::mem::replace(self, Process::that_never_was(Waited::Lost));
                let reaper = std::thread::Builder::new().name("airtight".to_owned());
                let _ = reaper.spawn(move || process.reap());
                return;
            }
        }
        self.release();
    }
}

/// Opens a pidfd for a child that was created without one. The child has not been reaped, so the pid is its own.
fn pidfd_open(pid: i32) -> Option<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: pidfd_open takes no pointers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: pidfd_open has just returned the descriptor, so nothing else owns it.
    Some(unsafe { OwnedFd::from_raw_fd(fd) })
}
