//! Starts a child. The clone call shares the parent's memory and suspends the calling thread until the program is
//! executed, so the cost of a start does not grow with the size of the parent.

mod arena;
mod aside;
mod attempt;
mod before;
mod channel;
mod child;
mod clone;
mod exited;
mod failure;
mod handshake;
mod observer;
mod process;
mod replace;
mod report;
mod signals;
mod stage;
pub(crate) mod stat;
mod sys;
mod task;

pub(crate) use failure::Failure;
pub(crate) use handshake::{Paused, pause};
#[cfg(feature = "dry-run")]
pub(crate) use process::NOBODY;
pub(crate) use process::{ASKING, LAST, Process, Waited};
pub(crate) use replace::replace;

use crate::error::Step;
use crate::plan::Plan;
use arena::Arena;
use attempt::{attempt, check_namespace};
use channel::Channel;
use std::os::fd::OwnedFd;
use task::Detach;

/// Starts the program of `plan`. On success the child has executed it. On failure no child remains.
pub(crate) fn start(plan: &Plan<'_>) -> Result<Process, Failure> {
    let arena = Arena::take().map_err(|errno| Failure::of_parent(Step::Stack, errno))?;
    arena.report().clear();
    let outcome = attempt(plan, &arena, None);
    // A child that shares this memory was created with CLONE_VFORK: the clone call returns only after the child has
    // executed the program or exited. A child that does not share it uses its own copy of the arena.
    arena.put_back();
    outcome
}

/// Starts the program of `plan` as a daemon. Returns its pid, and its pidfd if the kernel supports pidfds.
pub(crate) fn start_daemon(plan: &Plan<'_>) -> Result<(i32, Option<OwnedFd>), Failure> {
    check_namespace()?;
    let take = || Arena::take().map_err(|errno| Failure::of_parent(Step::Stack, errno));
    let (arena, second) = (take()?, take()?);
    arena.report().clear();
    let channel = Channel::new(&plan.descriptors).map_err(|errno| Failure::of_parent(Step::Daemon, errno))?;
    let detach = Detach { stack: second.stack_top(), channel: channel.child_end() };
    let outcome = attempt(plan, &arena, Some(detach));
    // The intermediate process exits once it has sent the daemon's pid and pidfd, or has reported a failure.
    let daemon = outcome.and_then(|process| {
        process.reap();
        arena.report().read().map_or_else(|| channel.receive(arena.report()), Err)
    });
    arena.put_back();
    second.put_back();
    daemon
}
