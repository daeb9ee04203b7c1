//! In the child: becoming a daemon. The child makes the program's process, which leads a session and is waited for by
//! nobody; it stays until that has executed the program or failed, and hands its pidfd to the parent.

use super::{close, last, pidfile};
use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{self, Failed, sys};
use crate::spawn::task::{Detach, Task};
use std::os::fd::RawFd;

/// The flags of the second clone where memory is shared: the daemon has a table of descriptors of its own, and its maker
/// waits until it has executed the program. The kernel notes how long it uses the memory: should the maker be killed, the
/// parent still waits for that.
const SHARING: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PARENT_SETTID | libc::CLONE_CHILD_CLEARTID;

/// Comes back only if it fails.
#[inline(always)]
pub(super) fn detach(task: &Task<'_>, detach: Detach) -> Result<(), Fault> {
    // SAFETY: the path is a C string.
    unsafe { sys!(SYS_chdir, c"/".as_ptr()) }.map_err(|failed| Fault::new(Step::Chdir, failed, 0))?;
    let made = if task.shares_memory { make(task, detach) } else { make_copy(task, detach) };
    let (pid, died) = match made {
        Ok(made) => made,
        Err(failed) => {
            remove_pidfile(task);
            return Err(Fault::new(Step::Daemon, failed, 0));
        }
    };
    if let Some(status) = died {
        task.write_report(&Fault { step: Step::Exec, errno: 0, operand: status });
    } else if !task.has_failed() {
        // SAFETY: takes no pointers; the daemon was not reaped, so that the number is its own.
        let pidfd = unsafe { sys!(SYS_pidfd_open, pid, 0) }.map_or(-1, |fd| fd as RawFd);
        // Its pid is known without.
        let _ = send(detach.channel, pid as i32, pidfd);
        sys::exit(0);
    }
    if died.is_none() {
        reap(pid);
    }
    remove_pidfile(task);
    sys::exit(127)
}

/// In the maker of a daemon that is gone, which may have given up the right to do it.
fn remove_pidfile(task: &Task<'_>) {
    if let Some(path) = task.plan.pidfile {
        pidfile::remove(path, task.report.pidfile());
    }
}

/// A daemon, and how it ended if that was before it could execute the program, without saying why.
type Made = (usize, Option<i32>);

#[inline(always)]
fn make(task: &Task<'_>, detach: Detach) -> Result<Made, Failed> {
    let noted = task.report.daemon_is_in();
    // SAFETY: the stack is one that nobody else uses; the parent keeps the task until neither process is in its memory.
    let pid = sys::result(unsafe { sys::clone(SHARING, detach.stack, noted, noted, enter, task) })?;
    Ok((pid, if task.has_failed() { None } else { died_before_exec(pid) }))
}

/// In a copy of the parent. The daemon may take its time, for a closure or until the parent's word, and the closure sees
/// all that is open: its maker goes on, keeps none of that open, and is told through a pipe that the program is executed.
#[cold]
fn make_copy(task: &Task<'_>, detach: Detach) -> Result<Made, Failed> {
    let mut ends: [RawFd; 2] = [-1; 2];
    // SAFETY: the array holds two descriptors.
    unsafe { sys!(SYS_pipe2, ends.as_mut_ptr(), libc::O_CLOEXEC) }?;
    let [read, write] = ends;
    task.executed_fd.set(write);
    // The daemon keeps the other end too: should its maker be killed, it is not to die of SIGPIPE.
    task.kept_fd.set(read);
    let none = std::ptr::null_mut();
    let copy = |signal| {
        // SAFETY: the daemon works on a copy of this memory. It needs a stack of its own there: a fork wipes both of them.
        sys::result(unsafe { sys::clone(signal, detach.stack, none, none, enter, task) })
    };
    let pid = match copy(0) {
        // An emulator makes none but as fork(2) does.
        Err(Failed(libc::EINVAL)) => copy(libc::SIGCHLD),
        made => made,
    }?;
    // Where that fails too much stays open, and nothing else.
    let _ = close::close_all_but(&[], &[read, detach.channel, task.report_fd]);
    let (mut byte, mut is_executed) = (0_u8, false);
    loop {
        // SAFETY: one byte is read into one byte.
        match unsafe { sys!(SYS_read, read, &raw mut byte, 1) } {
            Ok(0) => break,
            Ok(_) => is_executed = true,
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => {
                // SAFETY: takes no pointers; the daemon was not reaped, so that the number is its own.
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
    // SAFETY: the status is valid.
    let _ = unsafe { sys!(SYS_wait4, pid, &raw mut status, libc::__WALL, 0) };
    Ok((pid, Some(status)))
}

/// A daemon that failed is not left to whoever inherits it.
fn reap(pid: usize) {
    // SAFETY: takes no pointers but null ones.
    let _ = unsafe { sys!(SYS_wait4, pid, 0, libc::__WALL, 0) };
}

/// How the daemon ended, if it was before it had executed the program: until then its end is told by no signal, and it is
/// a child of another kind. It has let go of this memory, so that one of that kind is dying, if not dead.
fn died_before_exec(pid: usize) -> Option<i32> {
    let mut status = 0;
    // SAFETY: the status is valid.
    let waited = unsafe { sys!(SYS_wait4, pid, &raw mut status, libc::__WCLONE, 0) };
    waited.is_ok().then_some(status)
}

/// The first function of the daemon.
///
/// # Safety
///
/// As for [`super::enter`].
unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: as the caller promises.
    let task = unsafe { &*task };
    if let Err(fault) = program(task) {
        task.write_report(&fault);
    }
    sys::exit(127)
}

#[inline(always)]
fn program(task: &Task<'_>) -> Result<(), Fault> {
    // SAFETY: takes no pointers, and cannot fail.
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

/// Sends the pid, and the pidfd where there is one. See unix(7).
fn send(channel: RawFd, pid: i32, pidfd: RawFd) -> Result<usize, Failed> {
    let mut vector = libc::iovec { iov_base: (&raw const pid).cast_mut().cast(), iov_len: size_of::<i32>() };
    let length = std::mem::offset_of!(Rights, padding);
    let mut rights = Rights { length, level: libc::SOL_SOCKET, kind: libc::SCM_RIGHTS, fd: pidfd, padding: 0 };
    let mut message = std::mem::MaybeUninit::<libc::msghdr>::zeroed();
    let header = message.as_mut_ptr();
    // SAFETY: zeroes are a valid header, and nothing else refers to it.
    let header = unsafe { &mut *header };
    header.msg_iov = &raw mut vector;
    header.msg_iovlen = 1;
    if pidfd >= 0 {
        header.msg_control = (&raw mut rights).cast();
        header.msg_controllen = size_of::<Rights>() as _;
    }
    // SAFETY: the header and what it refers to are valid.
    unsafe { sys!(SYS_sendmsg, channel, std::ptr::from_mut(header), libc::MSG_NOSIGNAL) }
}
