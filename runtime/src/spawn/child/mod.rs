//! The steps of the child between clone and exec, in their order; each family of steps has a file.
//!
//! It shares the parent's memory: raw system calls only, no allocation, no lock, no errno, nothing that could panic or
//! unwind. Everything it needs was computed in the parent.

pub(super) mod calls;
mod close;
mod cpus;
pub(super) mod credentials;
mod daemon;
mod decimal;
mod descriptors;
pub(super) mod directory;
pub(super) mod exec;
mod hook;
mod label;
mod last;
mod limits;
mod oom;
pub(super) mod parents_death;
mod pidfile;
mod procfs;
mod session;
pub(super) mod signals;
pub(super) mod stage;

use super::fault::Fault;
use super::sys;
use super::task::Task;
use crate::error::Step;

/// The first function of the child, on its own stack.
///
/// # Safety
///
/// Called by the clone calls alone, with a task that outlives the child's stay in the parent's memory, or is a copy.
pub(super) unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: as the caller promises.
    let task = unsafe { &*task };
    if let Err(fault) = steps(task) {
        task.write_report(&fault);
    }
    sys::exit(127)
}

/// The same steps in a thread of this process: for `exec`.
pub(super) fn replace(task: &Task<'_>) -> Fault {
    match steps(task) {
        Err(fault) => fault,
        // execve(2) returns only when it has failed.
        Ok(()) => Fault { step: Step::Exec, errno: libc::EIO, operand: 0 },
    }
}

/// Returns only if a step failed.
#[inline(always)]
fn steps(task: &Task<'_>) -> Result<(), Fault> {
    let plan = task.plan;
    if task.before.is_none() {
        signals::reset_actions()?;
    }
    directory::umask(task);
    match (task.hook, task.before) {
        (None, _) if task.shares_table => close::leave_parents_table(task.sources)?,
        (None, _) => close::close_around(task.sources)?,
        // The closure sees what is open in this process, and a forked child has a table of its own.
        (Some(_), None) => {}
        (Some(_), Some(_)) => close::leave_table()?,
    }
    if let (Some(group), false) = (plan.cgroup, task.in_cgroup) {
        session::enter_cgroup(group)?;
    }
    if let Some(namespace) = plan.netns {
        session::enter_netns(namespace)?;
    }
    if let Some(null_at) = plan.descriptors.null_at {
        descriptors::open_null(null_at)?;
    }
    for pipe in plan.reopened.iter() {
        descriptors::reopen(pipe)?;
    }
    for step in plan.descriptors.moves.iter() {
        descriptors::move_descriptor(*step)?;
    }
    if plan.closes_before_exec && task.hook.is_none() {
        close::close_around(task.targets)?;
    }
    match task.detach {
        Some(detach) => daemon::detach(task, detach),
        None => last::second_half(task),
    }
}
