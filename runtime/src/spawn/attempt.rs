//! One attempt to start a program: chooses the kind of child, and reads how the start ended.

use super::aside::kept_with;
use super::clone::{self, Sharing};
use super::failure::{Failure, clone_failed, died_before_exec};
use super::process::Process;
use super::report::Said;
use super::stage::Stage;
use super::task::{Detach, Task};
use super::{arena::Arena, observer, report, stage};
use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use crate::plan::namespace;
use std::cell::RefCell;
use std::os::fd::RawFd;
use std::sync::PoisonError;

/// Refuses to start a daemon if the children of this process belong to another pid namespace.
pub(super) fn check_namespace() -> Result<(), Failure> {
    if namespace::is_anothers() {
        return Err(Failure { step: Step::Daemon, source: namespace::no_daemon(), operand: 0 });
    }
    Ok(())
}

/// Starts the program of `plan` with the cheapest kind of child that the plan and this process allow.
pub(super) fn attempt(plan: &Plan<'_>, arena: &Arena, detach: Option<Detach>) -> Result<Process, Failure> {
    // A child that shares memory and changes its ids would expose the parent's memory to processes with the new ids.
    let changes_ids = plan.privileges.ids.is_some();
    let is_daemon = detach.is_some();
    let started = match (changes_ids, plan.process.hook.is_some(), is_daemon) {
        _ if observer::wants_copies() => None,
        (false, false, _) => sharing(plan, arena, detach),
        // A daemon's pidfile is removed by the intermediate process, which must see each step fail: it cannot use the
        // stage.
        (true, false, false) => staged(plan, arena),
        _ => None,
    };
    let process = started.unwrap_or_else(|| reporting(plan, arena, detach))?;
    Ok(process.leads_group(plan.process.leads.is_some() && !is_daemon))
}

/// Starts a child that shares the parent's memory until it executes the program. Returns `None` if clone3(2) is
/// refused.
fn sharing(plan: &Plan<'_>, arena: &Arena, detach: Option<Detach>) -> Option<Result<Process, Failure>> {
    let channel: Few<RawFd> = detach.iter().map(|detach| detach.channel).collect();
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let (sources, targets) = (kept_with(sources, &channel), kept_with(targets, &channel));
    let mut task = Task::new(plan, arena.report());
    task.detach = detach;
    task.keep(&sources, &targets);
    let started = clone::first_tier(arena, &mut task)?;
    Some(started.map_err(clone_failed).and_then(|process| conclude(process, &task, None)))
}

/// Starts a child that shares the parent's memory until it executes the stage. Returns `None` if the stage cannot be
/// executed.
fn staged(plan: &Plan<'_>, arena: &Arena) -> Option<Result<Process, Failure>> {
    let pipe = match report::Pipe::new(&plan.descriptors) {
        Ok(pipe) => pipe,
        Err(errno) => return Some(Err(Failure::of_parent(Step::Report, errno))),
    };
    let stage = Stage::new(plan, pipe.write_end())?;
    let handle = stage.handle(plan, pipe.write_end());
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let more = [pipe.write_end(), handle.file];
    let (sources, targets) = (kept_with(sources, &more), kept_with(targets, &more));
    let mut task = Task::new(plan, arena.report());
    task.stage = Some(handle);
    task.keep(&sources, &targets);
    task.report_through(pipe.write_end());
    let started =
        clone::first_tier(arena, &mut task).unwrap_or_else(|| clone::other_tiers(arena, &mut task, Sharing::Memory));
    let process = match started {
        Ok(process) => process,
        Err(errno) => return Some(Err(clone_failed(errno))),
    };
    match stage::conclude(process, &pipe.listen(plan.deadline), &task) {
        Err(failure) if stage::was_refused(&failure) => {
            arena.report().clear();
            None
        }
        outcome => Some(outcome),
    }
}

/// Starts a child that also reports through a pipe. This serves kernels that refuse the clone call of [`sharing`],
/// children that do not share memory because their ids change, and children that run a closure of the caller.
fn reporting(plan: &Plan<'_>, arena: &Arena, detach: Option<Detach>) -> Result<Process, Failure> {
    let pipe = report::Pipe::new(&plan.descriptors).map_err(|errno| Failure::of_parent(Step::Report, errno))?;
    let more: Few<RawFd> = detach.iter().map(|detach| detach.channel).chain([pipe.write_end()]).collect();
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let (sources, targets) = (kept_with(sources, &more), kept_with(targets, &more));
    let hook = plan.process.hook.as_ref();
    let mut locked = hook.map(|hook| hook.lock().unwrap_or_else(PoisonError::into_inner));
    let hook = locked.as_deref_mut().map(RefCell::new);
    let sharing = if plan.privileges.ids.is_some() { Sharing::Nothing } else { Sharing::Memory };
    let mut task = Task::new(plan, arena.report());
    task.detach = detach;
    task.hook = hook.as_ref();
    task.keep(&sources, &targets);
    task.report_through(pipe.write_end());
    task.shares_memory = false;
    let started = match hook {
        None if !observer::wants_copies() => clone::other_tiers(arena, &mut task, sharing),
        _ => clone::fork(&task),
    };
    conclude(started.map_err(clone_failed)?, &task, Some(pipe))
}

/// Reads how the start ended: from the report page, and from the pipe if there is one. A child that does not share
/// memory can report only through the pipe.
fn conclude(process: Process, task: &Task<'_>, pipe: Option<report::Pipe>) -> Result<Process, Failure> {
    let is_daemon = task.detach.is_some();
    let listener = match pipe.map(|pipe| pipe.listen(task.plan.deadline)) {
        Some(listener) if !is_daemon => return stage::conclude(process, &listener, task),
        listener => listener,
    };
    let written = match listener.map(|listener| listener.next()) {
        Some(Ok(Said::Failed(failure))) => Some(failure),
        // A daemon is not killed with the intermediate process. Once that one has exited, the report is complete.
        Some(Err(_)) => {
            process.reap();
            None
        }
        Some(Ok(_)) | None => None,
    };
    if let Some(failure) = written.or_else(|| task.reported()) {
        process.reap();
        return Err(failure);
    }
    // The intermediate process of a daemon exits without exec. The report and the socket tell how the daemon started.
    let died = if is_daemon { None } else { process.died_before_exec() };
    match died {
        None => Ok(process),
        Some(status) => Err(died_before_exec(status)),
    }
}
