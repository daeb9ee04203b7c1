//! The steps of the child between clone and exec, in order. Each family of steps has a file.
//!
//! The child shares the parent's memory. So it makes raw system calls only: it does not allocate, take a lock, set
//! errno, panic or unwind. The parent has computed everything that it needs.

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

use super::failure::FailedStep;
use super::sys;
use super::task::Task;
use crate::error::Step;

/// The first function of the child, on its own stack.
///
/// # Safety
///
/// Only the clone calls may call it, with a task that lives as long as the child is in the parent's memory, or with a
/// copy.
pub(super) unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: the caller passes a task that lives while the child is in this memory, or a copy.
    let task = unsafe { &*task };
    if let Err(fault) = steps(task) {
        task.write_report(&fault);
    }
    sys::exit(127)
}

/// Takes the same steps in a thread of this process, for `exec`.
pub(super) fn replace(task: &Task<'_>) -> FailedStep {
    match steps(task) {
        Err(fault) => fault,
        // execve(2) returns only on failure.
        Ok(()) => FailedStep { step: Step::Exec, errno: libc::EIO, operand: 0 },
    }
}

/// Takes the steps. Returns only if one failed.
#[inline(always)]
fn steps(task: &Task<'_>) -> Result<(), FailedStep> {
    let plan = task.plan;
    if task.before.is_none() {
        signals::reset_actions()?;
    }
    directory::umask(task);
    match (task.hook, task.before) {
        (None, _) if task.shares_table => close::leave_parents_table(task.sources)?,
        (None, _) => close::close_around(task.sources)?,
        // The closure may use all open descriptors, and a forked child already has its own table.
        (Some(_), None) => {}
        (Some(_), Some(_)) => close::leave_table()?,
    }
    if let (Some(group), false) = (plan.cgroup_fd, task.in_cgroup) {
        session::enter_cgroup(group)?;
    }
    if let Some(namespace) = plan.netns_fd {
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
