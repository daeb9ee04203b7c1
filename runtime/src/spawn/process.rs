//! A child that is running: waited for by its pidfd, so that no other process of the same number is ever meant.

use super::exited;
use crate::fork;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::unistd::{Pid, getpgid};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::process::ExitStatus;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// From linux/wait.h: children of any kind; and those alone whose end is not told by SIGCHLD, as before exec.
const ANY_KIND: i32 = libc::__WALL;
const BEFORE_EXEC: i32 = libc::__WCLONE;

/// How often a child without a pidfd is asked whether it has ended.
pub(crate) const ASKING: Duration = Duration::from_millis(5);

/// How long a program that was killed is waited for: one that the kernel cannot end, or that this process may not kill,
/// is reported as still running.
pub(crate) const LAST: Duration = Duration::from_secs(1);
/// How often a child is looked at that ends at any moment.
const LOOK: Duration = Duration::from_millis(20);
/// From linux/pidfd.h.
const PIDFD_SIGNAL_PROCESS_GROUP: u32 = 1 << 2;

/// How a wait ended.
#[derive(Clone, Copy)]
pub(crate) enum Waited {
    Running,
    Ended(ExitStatus),
    /// Ended, and somebody else was told how: SIGCHLD is ignored, or another thread waits for any child.
    Lost,
    /// The process of this number was killed, and has not ended within a second.
    StillRunning(u32),
}

/// The number of a process that never was: beyond all that the kernel gives (PID_MAX_LIMIT), so that a signal to it reaches
/// nobody, where one to 0 would reach the group of this process.
pub(crate) const NOBODY: i32 = i32::MAX;

/// Dropped before its end was waited for, it is killed and reaped.
pub(crate) struct Process {
    pid: i32,
    /// Absent on kernels that cannot give one.
    pidfd: Option<OwnedFd>,
    leads_group: bool,
    /// The process that started it, as [`fork::generation`] tells: asked without the lock, which a copy of that process
    /// may find held for ever.
    parent: Option<u64>,
    seen: Mutex<Seen>,
}

/// What is known of its end.
#[derive(Clone, Copy, Default)]
struct Seen {
    /// How it ended, once that is known: the kernel tells it once.
    end: Option<Waited>,
    /// Its end is known, and it was not reaped: as long as it is there, its number is that of the group that it leads.
    is_kept: bool,
    /// Not killed when dropped.
    left_running: bool,
}

impl Process {
    pub(super) fn new(pid: i32, pidfd: Option<OwnedFd>) -> Process {
        let pidfd = pidfd.or_else(|| pidfd_open(pid));
        Process { pid, pidfd, leads_group: false, parent: Some(fork::generation()), seen: Mutex::default() }
    }

    /// A process that never was, and has ended.
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

    /// Whether this process has started it, and not one that this process is a copy of.
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

    /// Waits for the end.
    pub(crate) fn wait(&self) -> Waited {
        self.wait_with(libc::WEXITED | ANY_KIND)
    }

    /// Whether it has ended.
    pub(crate) fn try_wait(&self) -> Waited {
        self.wait_with(libc::WEXITED | libc::WNOHANG | ANY_KIND)
    }

    /// Whether it has ended, as far as that is known without reaping it: a debugger may hold it still.
    pub(crate) fn seems_over(&self) -> bool {
        match &self.pidfd {
            Some(pidfd) => is_ready(pidfd, false),
            None => !matches!(self.try_wait(), Waited::Running),
        }
    }

    fn wait_with(&self, options: i32) -> Waited {
        let mut seen = self.seen();
        if let Some(end) = seen.end {
            return end;
        }
        // The leader of a group is kept until its group needs no more signals.
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

    /// How it ended before it could execute the program. Exec makes a child one that ends with SIGCHLD before it lets go
    /// of the parent's memory and of its pipes: one that has let go and is of the other kind is dying, if not dead.
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

    /// Takes the end of a child that is known to have ended, or soon will.
    pub(crate) fn reap(&self) {
        self.wait();
        self.release();
    }

    /// Lets the kernel forget a leader that was kept.
    pub(crate) fn release(&self) {
        if std::mem::take(&mut self.seen().is_kept) {
            let _ = self.ask(libc::WEXITED | ANY_KIND);
        }
    }

    /// Asks waitid(2), or, where a filter refuses it, wait4(2) and the pidfd.
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
            // Neither may be called: a child of the one kind is not told from the other, and the pidfd tells the end.
            Err(errno) if options & BEFORE_EXEC != 0 => Err(errno),
            Err(errno) => match &self.pidfd {
                Some(pidfd) if !is_ready(pidfd, options & libc::WNOHANG == 0) => Ok(None),
                _ => Err(errno),
            },
        }
    }

    /// What the kernel remembers of a process that somebody else has reaped (Linux 6.15).
    fn status_after_reaping(&self, is_gone: bool) -> Option<ExitStatus> {
        exited::remembered(self.pidfd.as_ref()?, is_gone)
    }

    /// Lets it run on, unreaped.
    pub(crate) fn leave_running(&self) {
        self.seen().left_running = true;
    }

    pub(crate) fn is_left_running(&self) -> bool {
        self.seen().left_running
    }

    /// Sends a signal, to the process as long as it was not waited for.
    pub(crate) fn signal(&self, signal: i32) {
        if self.end().is_some() {
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
        if !self.leads_group {
            return self.signal(signal);
        }
        let was_sent = self.signal_group(signal);
        // The leader has got it with its group, unless it has left it. Once, since programs take a second one for a word
        // of impatience; of SIGKILL there is none too many.
        let own = Pid::from_raw(self.pid);
        if signal == libc::SIGKILL || !was_sent || getpgid(Some(own)) != Ok(own) {
            self.signal(signal);
        }
    }

    /// By the pidfd (Linux 6.9): the number of a leader that somebody else has reaped may be another group's.
    fn signal_group_by_pidfd(&self, signal: i32) -> Result<(), Errno> {
        let pidfd = self.pidfd.as_ref().ok_or(Errno::ENOSYS)?.as_raw_fd();
        let (number, flags) = (libc::SYS_pidfd_send_signal, PIDFD_SIGNAL_PROCESS_GROUP);
        // SAFETY: takes no pointers but a null one.
        Errno::result(unsafe { libc::syscall(number, pidfd, signal, 0, flags) }).map(drop)
    }

    /// Whether its group has members beside this leader, which has ended: reaped for that, it is none. Nothing where only
    /// its number would name the group from then on.
    pub(crate) fn survivors(&self) -> Option<bool> {
        if !matches!(self.signal_group_by_pidfd(0), Ok(()) | Err(Errno::ESRCH)) {
            return None;
        }
        self.reap();
        Some(self.signal_group_by_pidfd(0) != Err(Errno::ESRCH))
    }

    /// Whether there was a group to send it to.
    fn signal_group(&self, signal: i32) -> bool {
        match self.signal_group_by_pidfd(signal) {
            Ok(()) => return true,
            Err(Errno::EINVAL | Errno::ENOSYS | Errno::EPERM) => {}
            Err(_) => return false,
        }
        if !self.is_unreaped() {
            return false;
        }
        // SAFETY: takes no pointers; a child that was not reaped has its number, and its group that one too.
        unsafe { libc::kill(-self.pid, signal) == 0 }
    }

    /// Whether it is a child of this process still, that runs or waits to be reaped. Asked of the kernel: a signal that is
    /// ignored, or another thread that waits for any child, reaps it unasked.
    fn is_unreaped(&self) -> bool {
        let Seen { end, is_kept, .. } = *self.seen();
        is_kept || (end.is_none() && self.ask(libc::WEXITED | libc::WNOHANG | libc::WNOWAIT | ANY_KIND).is_ok())
    }

    /// Whether it ends within this time.
    pub(super) fn ends_within(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while matches!(self.try_wait(), Waited::Running) {
            let Some(left) = time.checked_sub(begun.elapsed()).filter(|left| !left.is_zero()) else { return false };
            self.wait_at_most(left.min(LOOK));
            // A debugger holds what has ended.
            if begun.elapsed() > LOOK && self.seems_over() {
                std::thread::sleep(ASKING);
            }
        }
        true
    }

    /// Waits until it may have ended, or until the time is up. See poll(2).
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

/// What was found out of a child that has ended.
struct Asked {
    status: ExitStatus,
    /// By the asking.
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

/// Killed, it is waited for no longer than a second: one that a debugger holds is reaped by a thread.
impl Drop for Process {
    fn drop(&mut self) {
        // A copy of the process that started it, made by fork(2), has nothing to end.
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

/// For a child that was made without one: it was not reaped, so that the number is its own.
fn pidfd_open(pid: i32) -> Option<OwnedFd> {
    use std::os::fd::FromRawFd;
    // SAFETY: takes no pointers.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = i32::try_from(fd).ok().filter(|fd| *fd >= 0)?;
    // SAFETY: the kernel has just opened it, and nothing else owns it.
    Some(unsafe { OwnedFd::from_raw_fd(fd) })
}
