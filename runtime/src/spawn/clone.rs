//! The clone calls, best first.

use super::arena::Arena;
use super::process::Process;
use super::task::Task;
use super::{child, signals, sys};
use nix::errno::Errno;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// The child runs in the parent's memory, on a stack of its own, while `CLONE_VFORK` stops the calling thread: the clone
/// call returns once the child has executed the program or is gone, and so has left that memory. `CLONE_FILES`: the
/// child's first descriptor action leaves the table again, copying only its low end. `exit_signal` is 0, which exec
/// resets to SIGCHLD: a child that never executed is nobody else's to wait for.
const SHARED: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_FILES;

/// The flags of vfork(2), which emulators know; some make a copy of the memory at these, and do not stop the caller.
const VFORK: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;

/// Those of fork(2). A debugger takes a copy whose end is told by another signal for a thread.
const COPY: i32 = libc::SIGCHLD;

/// From linux/sched.h: libc's constant is of a type too narrow for it.
const CLEAR_SIGHAND: u64 = 1 << 32;
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// The kernel has no clone3: it is not asked again.
static NO_CLONE3: AtomicBool = AtomicBool::new(false);

/// What a child shares with its parent until it executes the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    Memory,
    Nothing,
}

/// fork(3), for a child that runs code of the user, and under those who watch each access to memory: libc and they prepare
/// it for that.
pub(super) fn fork(task: &Task<'_>) -> Result<Process, Errno> {
    let forked = signals::blocked(|| {
        // SAFETY: the child goes straight to its steps; what the user's closure does there is the user's promise.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: the task is this process's own copy, with all that it refers to, and no other thread is in it.
            unsafe { child::enter(task) }
        }
        Errno::result(pid)
    });
    Ok(Process::new(forked?, None))
}

/// clone3(2), sharing memory. `None` where it is refused as such, by an old kernel or a filter of system calls.
pub(super) fn first_tier(arena: &Arena, task: &mut Task<'_>) -> Option<Result<Process, Errno>> {
    if NO_CLONE3.load(Ordering::Relaxed) {
        return None;
    }
    if let Some(group) = task.plan.cgroup_fd {
        task.in_cgroup = true;
        if let Ok(process) = clone3(arena, task, CLONE_INTO_CGROUP, group as u64) {
            return Some(Ok(process));
        }
        // The kernel does not say why as well as the write that the child does instead.
        task.in_cgroup = false;
    }
    match clone3(arena, task, 0, 0) {
        Ok(process) => Some(Ok(process)),
        Err(errno) if is_refusal(errno) => {
            NO_CLONE3.fetch_or(errno == Errno::ENOSYS, Ordering::Relaxed);
            None
        }
        Err(errno) => Some(Err(errno)),
    }
}

fn clone3(arena: &Arena, task: &Task<'_>, more: u64, cgroup: u64) -> Result<Process, Errno> {
    let mut pidfd = -1;
    let (stack, stack_size) = arena.stack();
    let arguments = libc::clone_args {
        flags: (SHARED | libc::CLONE_PIDFD) as u64 | CLEAR_SIGHAND | more,
        pidfd: (&raw mut pidfd).addr() as u64,
        child_tid: 0,
        parent_tid: 0,
        exit_signal: 0,
        stack: stack.addr() as u64,
        stack_size: stack_size as u64,
        tls: 0,
        set_tid: 0,
        set_tid_size: 0,
        cgroup,
    };
    // SAFETY: the stack is the arena's, which nobody else uses now. VFORK stops this thread, whose frames hold the task and
    // all that it refers to, until the child has left this memory; a daemon, whose maker may be killed, is waited for.
    let returned = signals::blocked(|| unsafe { sys::clone3(&arguments, child::enter, task) });
    task.report.wait_for_daemon();
    let pid = sys::result(returned).map_err(|failed| Errno::from_raw(failed.0))?;
    Ok(process(pid, pidfd))
}

/// clone(2), with less each time that the kernel, a filter of system calls or an emulator refuses it. A child that shares
/// no memory does not stop its parent: it has a table of descriptors of its own, and its report is waited for.
pub(super) fn other_tiers(arena: &Arena, task: &mut Task<'_>, sharing: Sharing) -> Result<Process, Errno> {
    if sharing == Sharing::Memory {
        task.shares_memory = true;
        // What makes a daemon shares its memory with that in turn, which none of the others allows.
        let last = if task.detach.is_some() { SHARED } else { VFORK };
        for flags in [SHARED | libc::CLONE_PIDFD, SHARED, last] {
            task.shares_table = flags & libc::CLONE_FILES != 0;
            match clone(arena, task, flags) {
                Err(errno) if is_refusal(errno) => {}
                made => return made,
            }
        }
        task.shares_memory = false;
    }
    match clone(arena, task, COPY | libc::CLONE_PIDFD) {
        Err(errno) if is_refusal(errno) => {
            task.shares_table = false;
            clone(arena, task, COPY)
        }
        made => made,
    }
}

fn clone(arena: &Arena, task: &Task<'_>, flags: i32) -> Result<Process, Errno> {
    let mut pidfd = -1;
    // SAFETY: as for the first tier; a child that shares no memory works on its own copy of stack and task.
    let returned = signals::blocked(|| unsafe {
        sys::clone(flags, arena.stack_top(), &raw mut pidfd, std::ptr::null_mut(), child::enter, task)
    });
    if task.shares_memory {
        task.report.wait_for_daemon();
    }
    sys::result(returned).map(|pid| process(pid, pidfd)).map_err(|failed| Errno::from_raw(failed.0))
}

/// Not what the call asks for is wanting, but the call, or one of its flags.
fn is_refusal(errno: Errno) -> bool {
    matches!(errno, Errno::EINVAL | Errno::EPERM | Errno::ENOSYS)
}

fn process(pid: usize, pidfd: i32) -> Process {
    // SAFETY: the kernel has just opened the pidfd for this process, and nothing else owns it.
    let pidfd = (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) });
    Process::new(pid as i32, pidfd)
}
