//! Starting a child: a clone that shares the parent's memory and stops the calling thread until the program is executed,
//! so that its cost does not grow with the parent.

mod arena;
mod child;
mod clone;
mod close;
mod credentials;
mod limits;
mod process;
mod report;
mod session;
mod signals;
mod sys;

pub(crate) use process::{Process, Waited};

use crate::error::Step;
use crate::plan::Plan;
use arena::Arena;
use child::Task;
use clone::Sharing;
use nix::errno::Errno;
use std::io;
use std::os::fd::RawFd;

/// The step that failed, with its number as the child knows it.
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) source: io::Error,
    pub(crate) operand: RawFd,
}

impl Failure {
    fn of_parent(step: Step, errno: Errno) -> Failure {
        Failure { step, source: errno.into(), operand: 0 }
    }
}

/// Starts the program of `plan`. On success it has been executed; on failure nothing is left of the child.
pub(crate) fn start(plan: &Plan<'_>) -> Result<Process, Failure> {
    let arena = Arena::take().map_err(|errno| Failure::of_parent(Step::Stack, errno))?;
    arena.report().clear();
    let outcome = attempt(plan, &arena);
    // The child has left the arena: it has executed the program, or exited.
    arena.put_back();
    outcome.map(|process| process.leads_group(plan.process.leads.is_some()))
}

/// Takes the child's steps in this very process; comes back only if one fails, with those before it taken.
pub(crate) fn replace(plan: &Plan<'_>) -> Failure {
    let report = report::Report::default();
    let fault = child::replace(&Task::new(plan, &report));
    Failure { step: fault.step, source: io::Error::from_raw_os_error(fault.errno), operand: fault.operand }
}

fn attempt(plan: &Plan<'_>, arena: &Arena) -> Result<Process, Failure> {
    let mut task = Task::new(plan, arena.report());
    // While ids change in a child that shares the parent's memory, that memory would be open to their new owner.
    let sharing = if plan.privileges.ids.is_some() { Sharing::Nothing } else { Sharing::Memory };
    if sharing == Sharing::Memory
        && let Some(started) = clone::first_tier(arena, &mut task)
    {
        return conclude(started.map_err(clone_failed)?, arena, None);
    }
    let pipe = report::Pipe::new(&plan.descriptors).map_err(|errno| Failure::of_parent(Step::Report, errno))?;
    let (sources, targets) = (pipe.kept_with(&plan.descriptors.sources), pipe.kept_with(&plan.descriptors.targets));
    task.report_through(pipe.write_end(), &sources, &targets);
    let started = clone::other_tiers(arena, &task, sharing).map_err(clone_failed)?;
    conclude(started, arena, Some(pipe))
}

fn clone_failed(errno: Errno) -> Failure {
    Failure::of_parent(Step::Clone, errno)
}

/// Reads how the start went: from the memory that the child wrote to, and where there is a pipe from that too, which a
/// kernel that does not share the memory cannot do without.
fn conclude(mut process: Process, arena: &Arena, pipe: Option<report::Pipe>) -> Result<Process, Failure> {
    let written = match pipe {
        Some(pipe) => pipe.read().map_err(|errno| Failure::of_parent(Step::Report, errno))?,
        None => None,
    };
    if let Some(failure) = written.or_else(|| arena.report().read()) {
        process.reap();
        return Err(failure);
    }
    match process.died_before_exec() {
        None => Ok(process),
        Some(signal) => {
            let how = format!("the new process was killed by {}", crate::status::signal_name(signal));
            Err(Failure { step: Step::Exec, source: io::Error::other(how), operand: 0 })
        }
    }
}
