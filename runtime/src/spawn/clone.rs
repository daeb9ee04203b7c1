//! The clone calls, the fastest first.

use super::arena::Arena;
use super::process::Process;
use super::task::Task;
use super::{child, signals, sys};
use nix::errno::Errno;
use std::os::fd::{FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Flags of the first tier.
///
/// `CLONE_VM`: the child runs in the parent's memory, on a stack of its own. `CLONE_VFORK`: the calling thread is
/// suspended until the child has executed the program or exited, and so no longer uses that memory. `CLONE_FILES`: the
/// child shares the descriptor table until its first descriptor action unshares it, which copies only the low
/// descriptors. The exit signal is 0: exec resets exit_signal to SIGCHLD, so until exec no plain wait(2) of another
/// thread can reap the child.
const SHARED: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_FILES;

/// The flags of vfork(2), which emulators accept. Some emulators copy the memory and do not suspend the caller.
const VFORK: i32 = libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD;

/// The flags of fork(2). A debugger takes a child with another exit signal for a thread, so this one has SIGCHLD.
const COPY: i32 = libc::SIGCHLD;

/// From linux/sched.h. The type of libc's constant is too narrow.
const CLEAR_SIGHAND: u64 = 1 << 32;
const CLONE_INTO_CGROUP: u64 = 1 << 33;

/// Set once clone3 fails with ENOSYS; it is not called again.
static NO_CLONE3: AtomicBool = AtomicBool::new(false);

/// How much a child shares with its parent until it executes the program.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sharing {
    Memory,
    Nothing,
}

/// Calls fork(3) of libc: for a child that runs a closure of the caller, and under valgrind or a sanitizer. libc and
/// those tools prepare the child.
pub(super) fn fork(task: &Task<'_>) -> Result<Process, Errno> {
    let forked = signals::blocked(|| {
        // SAFETY: the child proceeds to its steps at once; the caller of `pre_exec` has promised that the closure is
        // sound after a fork.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            // SAFETY: the task and everything that it refers to are this process's own copy, and it has no other
            // thread.
            unsafe { child::enter(task) }
        }
        Errno::result(pid)
    });
    Ok(Process::new(forked?, None))
}

/// Calls clone3(2) with shared memory. Returns `None` if an old kernel or a seccomp filter refuses the call.
pub(super) fn first_tier(arena: &Arena, task: &mut Task<'_>) -> Option<Result<Process, Errno>> {
    if NO_CLONE3.load(Ordering::Relaxed) {
        return None;
    }
    if let Some(group) = task.plan.cgroup_fd {
        task.in_cgroup = true;
        if let Ok(process) = clone3(arena, task, CLONE_INTO_CGROUP, group as u64) {
            return Some(Ok(process));
        }
        // The child's own write to cgroup.procs gives a more precise errno than clone3.
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
    // SAFETY: the arena's stack is used by no one else during the start. CLONE_VFORK suspends this thread, whose frames
    // hold the task and everything that it refers to, until the child has left this memory. The intermediate process of
    // a daemon may be killed before the daemon leaves, so that is waited for below.
    let returned = signals::blocked(|| unsafe { sys::clone3(&arguments, child::enter, task) });
    task.report.wait_for_daemon();
    let pid = sys::result(returned).map_err(|failed| Errno::from_raw(failed.0))?;
    Ok(process(pid, pidfd))
}

/// Calls clone(2), with fewer flags each time that the kernel, a seccomp filter or an emulator refuses it. A child that
/// does not share memory does not suspend its parent: it has a descriptor table of its own, and the parent reads its
/// report.
pub(super) fn other_tiers(arena: &Arena, task: &mut Task<'_>, sharing: Sharing) -> Result<Process, Errno> {
    if sharing == Sharing::Memory {
        task.shares_memory = true;
        // The intermediate process shares its memory with the daemon in turn, so its own tier must share it with the
        // parent.
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
    // SAFETY: as in the first tier. A child that does not share memory works on its own copy of the stack and the task.
    let returned = signals::blocked(|| unsafe {
        sys::clone(flags, arena.stack_top(), &raw mut pidfd, std::ptr::null_mut(), child::enter, task)
    });
    if task.shares_memory {
        task.report.wait_for_daemon();
    }
    sys::result(returned).map(|pid| process(pid, pidfd)).map_err(|failed| Errno::from_raw(failed.0))
}

/// Whether the call itself or one of its flags was refused, and not a resource that the call needs.
fn is_refusal(errno: Errno) -> bool {
    matches!(errno, Errno::EINVAL | Errno::EPERM | Errno::ENOSYS)
}

fn process(pid: usize, pidfd: i32) -> Process {
    // SAFETY: clone has just opened the pidfd for this process, so nothing else owns it.
    let pidfd = (pidfd >= 0).then(|| unsafe { OwnedFd::from_raw_fd(pidfd) });
    Process::new(pid as i32, pidfd)
}
