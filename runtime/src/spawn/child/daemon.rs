//! In the child: starts a daemon. The child is the intermediate process: it creates the process of the program, which
//! leads a new session and is reparented. The intermediate process stays until the daemon has executed the program or
//! failed, and sends the daemon's pidfd to the parent.

use super::{close, last, pidfile};
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{self, Failed, sys};
use crate::spawn::task::{Detach, Task};
use std::os::fd::RawFd;

/// The flags of the second clone if memory is shared. Without CLONE_FILES the daemon gets its own descriptor table.
/// CLONE_VFORK suspends the intermediate process until the daemon has executed the program. With the two TID flags the
/// kernel records how long the daemon uses the memory, so that the parent waits for it even if the intermediate process
/// is killed.
const SHARING: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PARENT_SETTID | libc::CLONE_CHILD_CLEARTID;

/// Creates the daemon. Returns only on failure.
#[inline(always)]
pub(super) fn detach(task: &Task<'_>, detach: Detach) -> Result<(), FailedStep> {
    // SAFETY: the path is a C string.
    unsafe { sys!(SYS_chdir, c"/".as_ptr()) }.map_err(|failed| FailedStep::new(Step::Chdir, failed, 0))?;
    let made = if task.shares_memory { make(task, detach) } else { make_copy(task, detach) };
    let (pid, died) = match made {
        Ok(made) => made,
        Err(failed) => {
            remove_pidfile(task);
            return Err(FailedStep::new(Step::Daemon, failed, 0));
        }
    };
    if let Some(status) = died {
        task.write_report(&FailedStep { step: Step::Exec, errno: 0, operand: status });
    } else if !task.has_failed() {
        // SAFETY: pidfd_open takes no pointers. The daemon has not been reaped, so the pid is its own.
        let pidfd = unsafe { sys!(SYS_pidfd_open, pid, 0) }.map_or(-1, |fd| fd as RawFd);
        // If the send fails, the parent reads the pid from the report page.
        let _ = send(detach.channel, pid as i32, pidfd);
        sys::exit(0);
    }
    if died.is_none() {
        reap(pid);
    }
    remove_pidfile(task);
    sys::exit(127)
}

/// Removes the pidfile of a daemon that has exited. Called in the intermediate process, since the daemon may have
/// dropped the privileges that this takes.
fn remove_pidfile(task: &Task<'_>) {
    if let Some(path) = task.plan.pidfile {
        pidfile::remove(path, task.report.pidfile());
    }
}

/// The pid of a daemon, and its status if it ended before exec without a report.
type Made = (usize, Option<i32>);

#[inline(always)]
fn make(task: &Task<'_>, detach: Detach) -> Result<Made, Failed> {
    let noted = task.report.daemon_is_in();
    // SAFETY: no one else uses the stack, and the parent keeps the task until neither process is in its memory.
    let pid = sys::result(unsafe { sys::clone(SHARING, detach.stack, noted, noted, enter, task) })?;
    Ok((pid, if task.has_failed() { None } else { died_before_exec(pid) }))
}

/// Creates the daemon from a copy of the parent. The daemon may take long, for a closure or the handshake, so the
/// intermediate process does not wait in the clone. It closes its descriptors, and learns through a pipe that the
/// program is executed. The closure in the daemon sees all descriptors that were open.
#[cold]
fn make_copy(task: &Task<'_>, detach: Detach) -> Result<Made, Failed> {
    let mut ends: [RawFd; 2] = [-1; 2];
    // SAFETY: the kernel writes two descriptors to an array of two.
    unsafe { sys!(SYS_pipe2, ends.as_mut_ptr(), libc::O_CLOEXEC) }?;
    let [read, write] = ends;
    task.executed_fd.set(write);
    // The daemon keeps the read end too, so that it does not get SIGPIPE if the intermediate process is killed.
    task.kept_fd.set(read);
    let none = std::ptr::null_mut();
    let copy = |signal| {
        // SAFETY: the daemon works on a copy of this memory. It needs a stack of its own, since the kernel wipes both
        // stacks in a fork.
        sys::result(unsafe { sys::clone(signal, detach.stack, none, none, enter, task) })
    };
    let pid = match copy(0) {
        // Some emulators accept only the flags of fork(2).
        Err(Failed(libc::EINVAL)) => copy(libc::SIGCHLD),
        made => made,
    }?;
    // A failure only leaves descriptors open that the intermediate process does not use.
    let _ = close::close_all_but(&[], &[read, detach.channel, task.report_fd]);
    let (mut byte, mut is_executed) = (0_u8, false);
    loop {
        // SAFETY: the kernel writes at most one byte, to a byte.
        match unsafe { sys!(SYS_read, read, &raw mut byte, 1) } {
            Ok(0) => break,
            Ok(_) => is_executed = true,
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => {
                // SAFETY: kill takes no pointers. The daemon has not been reaped, so the pid is its own.
                let _ = unsafe { sys!(SYS_kill, pid, libc::SIGKILL) };
                reap(pid);
                return Err(failed);
            }
        }
    }
    if task.has_failed() {
        return Ok((pid, None));
    }
    let died = died_before_exec(pid);
    if died.is_some() || is_executed {
        return Ok((pid, died));
    }
    let mut status = 0;
    // SAFETY: the kernel writes one status, which lives during the call.
    let _ = unsafe { sys!(SYS_wait4, pid, &raw mut status, libc::__WALL, 0) };
    Ok((pid, Some(status)))
}

/// Reaps a daemon that has failed, so that no subreaper has to.
fn reap(pid: usize) {
    // SAFETY: the pointers are null.
    let _ = unsafe { sys!(SYS_wait4, pid, 0, libc::__WALL, 0) };
}

/// The daemon's status, if it ended before exec. Until exec its exit signal is 0, so only __WCLONE waits for it. The
/// daemon has left this memory; if its exit signal is still 0 it is exiting or has exited.
fn died_before_exec(pid: usize) -> Option<i32> {
    let mut status = 0;
    // SAFETY: the kernel writes one status, which lives during the call.
    let waited = unsafe { sys!(SYS_wait4, pid, &raw mut status, libc::__WCLONE, 0) };
    waited.is_ok().then_some(status)
}

/// The first function of the daemon.
///
/// # Safety
///
/// Those of [`super::enter`].
unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: the caller passes a task that lives while the daemon is in this memory, or a copy.
    let task = unsafe { &*task };
    if let Err(fault) = program(task) {
        task.write_report(&fault);
    }
    sys::exit(127)
}

#[inline(always)]
fn program(task: &Task<'_>) -> Result<(), FailedStep> {
    // SAFETY: getpid takes no pointers.
    let pid = unsafe { sys!(SYS_getpid) }.unwrap_or(0);
    task.report.set_daemon(pid as i32);
    if let Some(path) = task.plan.pidfile {
        task.pidfile_fd.set(pidfile::write(path, task.report)?);
    }
    last::second_half(task)
}

/// `struct cmsghdr` with one descriptor.
#[repr(C)]
struct Rights {
    length: usize,
    level: i32,
    kind: i32,
    fd: RawFd,
    padding: i32,
}

/// Sends the pid, and the pidfd if there is one. See unix(7).
fn send(channel: RawFd, pid: i32, pidfd: RawFd) -> Result<usize, Failed> {
    let mut vector = libc::iovec { iov_base: (&raw const pid).cast_mut().cast(), iov_len: size_of::<i32>() };
    let length = std::mem::offset_of!(Rights, padding);
    let mut rights = Rights { length, level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, fd: pidfd, padding: 0 };
    let mut message = std::mem::MaybeUninit::<libc::msghdr>::zeroed();
    let header = message.as_mut_ptr();
    // SAFETY: an all-zero `msghdr` is valid, and the pointer is the only one to it.
    let header = unsafe { &mut *header };
    header.msg_iov = &raw mut vector;
    header.msg_iovlen = 1;
    if pidfd >= 0 {
        header.msg_control = (&raw mut rights).cast();
        header.msg_controllen = size_of::<Rights>() as _;
    }
    // SAFETY: the header points to `pid` and `rights`, which live during the call, and its lengths are their sizes.
    unsafe { sys!(SYS_sendmsg, channel, std::ptr::from_mut(header), libc::MSG_NOSIGNAL) }
}
