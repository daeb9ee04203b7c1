//! In the child: becoming a daemon. The child makes the program's process, which leads a session and is waited for by
//! nobody; it stays until that has executed the program or failed, and hands its pidfd to the parent.

use super::child::{self, Fault, Task};
use super::sys::{self, Failed, sys};
use super::{close, pidfile};
use crate::error::Step;
use std::os::fd::RawFd;

/// What the intermediate process needs beside its task.
#[derive(Clone, Copy)]
pub(super) struct Detach {
    /// The stack of the daemon, its upper end.
    pub(super) stack: *mut u8,
    /// The socket that the pid and the pidfd go through.
    pub(super) channel: RawFd,
}

/// The flags of the second clone: the daemon has a table of descriptors of its own, and its maker waits until it has
/// executed the program. Where it shares the parent's memory, the kernel notes how long: should this process be killed,
/// the parent still waits for that.
const FLAGS: i32 = libc::CLONE_VFORK;
const SHARING: i32 = libc::CLONE_VM | libc::CLONE_PARENT_SETTID | libc::CLONE_CHILD_CLEARTID;

/// Comes back only if it fails.
#[inline(always)]
pub(super) fn detach(task: &Task<'_>, detach: Detach) -> Result<(), Fault> {
    // SAFETY: the path is a C string.
    unsafe { sys!(SYS_chdir, c"/".as_ptr()) }.map_err(|failed| Fault::new(Step::Chdir, failed, 0))?;
    let pid = match task.hook {
        None => make(task, detach),
        Some(_) => make_with_hook(task, detach),
    };
    let pid = pid.map_err(|failed| Fault::new(Step::Daemon, failed, 0))?;
    let died = if task.has_failed() { None } else { died_before_exec(pid) };
    if let Some(status) = died {
        task.write_report(&Fault { step: Step::Exec, errno: 0, operand: status });
    } else if !task.has_failed() {
        // SAFETY: takes no pointers; the daemon was not reaped, so that the number is its own.
        let pidfd = unsafe { sys!(SYS_pidfd_open, pid, 0) }.map_or(-1, |fd| fd as RawFd);
        // Its pid is known without.
        let _ = send(detach.channel, pid as i32, pidfd);
        child::exit(0);
    }
    if died.is_none() {
        reap(pid);
    }
    // Here, since the daemon may have given up the right to do it.
    if let Some(path) = task.plan.pidfile {
        pidfile::remove(path, task.report.pidfile());
    }
    child::exit(127)
}

#[inline(always)]
fn make(task: &Task<'_>, detach: Detach) -> Result<usize, Failed> {
    let flags = if task.shares_memory { FLAGS | SHARING } else { FLAGS };
    let noted = task.report.daemon_is_in();
    // SAFETY: the stack is one that nobody else uses; the task outlives both processes' stay in this memory.
    sys::result(unsafe { sys::clone(flags, detach.stack, noted, noted, enter, task) })
}

/// A closure of the daemon sees what is open in the parent; its maker is not to keep that open, for as long as the closure
/// takes or the parent's word is waited for. So it goes on, and a pipe that exec closes tells it of that.
#[cold]
fn make_with_hook(task: &Task<'_>, detach: Detach) -> Result<usize, Failed> {
    let mut ends: [RawFd; 2] = [-1; 2];
    // SAFETY: the array holds two descriptors.
    unsafe { sys!(SYS_pipe2, ends.as_mut_ptr(), libc::O_CLOEXEC) }?;
    let [read, write] = ends;
    task.executed_fd.set(write);
    let none = std::ptr::null_mut();
    // SAFETY: the daemon works on a copy of this memory.
    let pid = sys::result(unsafe { sys::clone(0, detach.stack, none, none, enter, task) })?;
    // Where that fails too much stays open, and nothing else.
    let _ = close::close_all_but(&[], &[read, detach.channel, task.report_fd()]);
    let mut byte = 0_u8;
    loop {
        // SAFETY: one byte is read into one byte.
        match unsafe { sys!(SYS_read, read, &raw mut byte, 1) } {
            Ok(_) => return Ok(pid),
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => {
                // SAFETY: takes no pointers; the daemon was not reaped, so that the number is its own.
                let _ = unsafe { sys!(SYS_kill, pid, libc::SIGKILL) };
                reap(pid);
                return Err(failed);
            }
        }
    }
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
/// As for [`child::enter`].
unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: the maker handed over its own valid task, and VFORK keeps it alive.
    let task = unsafe { &*task };
    if let Err(fault) = program(task) {
        task.write_report(&fault);
    }
    child::exit(127)
}

#[inline(always)]
fn program(task: &Task<'_>) -> Result<(), Fault> {
    // SAFETY: takes no pointers, and cannot fail.
    let pid = unsafe { sys!(SYS_getpid) }.unwrap_or(0);
    task.report.set_daemon(pid as i32);
    if let Some(path) = task.plan.pidfile {
        task.pidfile_fd.set(pidfile::write(path, task.report)?);
    }
    child::second_half(task)
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
