//! Starting a child: a clone that shares the parent's memory and stops the calling thread until the program is executed,
//! so that its cost does not grow with the parent.

mod arena;
mod channel;
mod child;
mod clone;
mod exited;
mod handshake;
mod observer;
mod process;
mod replace;
mod report;
mod stage;
mod sys;

pub(crate) use handshake::{Paused, pause};
#[cfg(feature = "dry-run")]
pub(crate) use process::NOBODY;
pub(crate) use process::{ASKING, LAST, Process, Waited};
pub(crate) use replace::replace;
pub(crate) use report::CUT;

use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use crate::plan::namespace;
use arena::Arena;
use channel::{Channel, kept_with};
use child::Task;
use child::daemon::Detach;
use clone::Sharing;
use nix::errno::Errno;
use report::Said;
use stage::Stage;
use std::cell::RefCell;
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::process::ExitStatus;
use std::sync::PoisonError;

/// The step that failed, with its number as the child knows it.
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) source: io::Error,
    pub(crate) operand: i32,
}

impl Failure {
    /// The start is to be tried again, from its streams on: a pipe that the child was to open again could not be.
    pub(crate) fn wants_another_try(&self, plan: &Plan<'_>) -> bool {
        let wants = self.step == child::NOT_REOPENED && !plan.reopened.is_empty();
        if wants {
            crate::plan::far::refused();
        }
        wants
    }

    /// It would have been tried again, or waited for, had there been more time.
    pub(crate) fn is_for_want_of_time(&self) -> bool {
        matches!((self.step, self.source.raw_os_error()), (Step::Exec, Some(libc::ETXTBSY)) | (_, Some(libc::ETIME)))
    }

    fn of_parent(step: Step, errno: Errno) -> Failure {
        Failure { step, source: errno.into(), operand: 0 }
    }
}

/// Starts the program of `plan`. On success it has been executed; on failure nothing is left of the child.
pub(crate) fn start(plan: &Plan<'_>) -> Result<Process, Failure> {
    let arena = Arena::take().map_err(|errno| Failure::of_parent(Step::Stack, errno))?;
    arena.report().clear();
    let outcome = attempt(plan, &arena, None);
    // A child that shares this memory was made with CLONE_VFORK: the clone call has returned, so that the child has
    // executed the program or is gone. One that shares none uses its own copy of the arena.
    arena.put_back();
    outcome
}

/// As [`start`], of a daemon: its pid, and its pidfd where the kernel has them.
pub(crate) fn start_daemon(plan: &Plan<'_>) -> Result<(i32, Option<OwnedFd>), Failure> {
    check_namespace()?;
    let take = || Arena::take().map_err(|errno| Failure::of_parent(Step::Stack, errno));
    let (arena, second) = (take()?, take()?);
    arena.report().clear();
    let channel = Channel::new(&plan.descriptors).map_err(|errno| Failure::of_parent(Step::Daemon, errno))?;
    let detach = Detach { stack: second.stack_top(), channel: channel.child_end() };
    let outcome = attempt(plan, &arena, Some(detach));
    // The intermediate process ends once it has sent what there is to know.
    let daemon = outcome.and_then(|process| {
        process.reap();
        arena.report().read().map_or_else(|| channel.receive(arena.report()), Err)
    });
    arena.put_back();
    second.put_back();
    daemon
}

fn check_namespace() -> Result<(), Failure> {
    if namespace::is_anothers() {
        return Err(Failure { step: Step::Daemon, source: namespace::no_daemon(), operand: 0 });
    }
    Ok(())
}

fn attempt(plan: &Plan<'_>, arena: &Arena, detach: Option<Detach>) -> Result<Process, Failure> {
    // While ids change in a child that shares the parent's memory, that memory would be open to their new owner.
    let changes_ids = plan.privileges.ids.is_some();
    let is_daemon = detach.is_some();
    let started = match (changes_ids, plan.process.hook.is_some(), is_daemon) {
        _ if observer::wants_copies() => None,
        (false, false, _) => sharing(plan, arena, detach),
        // The pidfile of a daemon is removed by the process that made it, which has to see how each step went.
        (true, false, false) => staged(plan, arena),
        _ => None,
    };
    let process = started.unwrap_or_else(|| reporting(plan, arena, detach))?;
    Ok(process.leads_group(plan.process.leads.is_some() && !is_daemon))
}

/// A child that shares the parent's memory up to the program; `None` where the kernel has no such clone call.
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

/// A child that shares the parent's memory up to the stage; `None` where that cannot be executed.
fn staged(plan: &Plan<'_>, arena: &Arena) -> Option<Result<Process, Failure>> {
    let pipe = match report::Pipe::new(&plan.descriptors) {
        Ok(pipe) => pipe,
        Err(errno) => return Some(Err(Failure::of_parent(Step::Report, errno))),
    };
    let stage = Stage::new(plan, pipe.write_end())?;
    let handle = stage.handle(plan, pipe.write_end());
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let more = [pipe.write_end(), handle.file()];
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

/// A child that reports through a pipe as well: for kernels without the call for [`sharing`], for one that shares no
/// memory because its ids change, and for one that runs code of the user's.
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

fn clone_failed(errno: Errno) -> Failure {
    Failure::of_parent(Step::Clone, errno)
}

/// Reads how the start went: from the memory that the child wrote to, and where there is a pipe from that too, which a
/// child that shares no memory cannot do without.
fn conclude(process: Process, task: &Task<'_>, pipe: Option<report::Pipe>) -> Result<Process, Failure> {
    let is_daemon = task.detach.is_some();
    let listener = match pipe.map(|pipe| pipe.listen(task.plan.deadline)) {
        Some(listener) if !is_daemon => return stage::conclude(process, &listener, task),
        listener => listener,
    };
    let written = match listener.map(|listener| listener.next()) {
        Some(Ok(Said::Failed(failure))) => Some(failure),
        // A daemon is not killed with the process that made it: its end tells that the report is complete.
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
    // The intermediate process of a daemon ends without executing anything: what it sent tells the rest.
    let died = if is_daemon { None } else { process.died_before_exec() };
    match died {
        None => Ok(process),
        Some(status) => Err(died_before_exec(status)),
    }
}

/// The failure of a process that ended before it could execute the program, without saying why.
fn died_before_exec(status: ExitStatus) -> Failure {
    let how = format!("the new process {}", crate::status::describe(status));
    Failure { step: Step::Exec, source: io::Error::other(how), operand: 0 }
}
