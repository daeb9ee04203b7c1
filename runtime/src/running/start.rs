//! Starts a command: opens its streams, computes its plan, and starts its child.

use super::program::Program;
use super::tree::Tree;
use crate::bound::Bound;
use crate::error::{Error, ErrorKind, Step};
use crate::fds::Fds;
use crate::plan::Plan;
use crate::plan::sizes;
use crate::plan::streams::Streams;
use crate::spawn::{self, Paused, Process};
use crate::spec::{Purpose, Spec};
use std::os::fd::{OwnedFd, RawFd};

/// A started program, with the parent's ends of its streams.
pub(crate) struct Started {
    pub(crate) program: Program,
    pub(crate) streams: Streams,
}

impl Started {
    fn new(process: Process, bound: Bound, tree: Option<Tree>, streams: Streams) -> Started {
        Started { program: Program::new(process, bound, tree), streams }
    }
}

/// Starts the program of `spec`; its timeout counts from here. The descriptors that the command holds are closed in the
/// parent as soon as the child has them: otherwise a reader of a pipe would not see end-of-file.
pub(crate) fn start<Held: Fds>(spec: &Spec, held: Held, purpose: Purpose) -> Result<Started, Error> {
    let bound = Bound::start(spec.timeout);
    spec.check()?;
    #[cfg(feature = "dry-run")]
    if let Some(answer) = crate::dry_run::answer(spec, purpose.into()) {
        let answer = answer?;
        let process = Process::that_never_was(spawn::Waited::Ended(answer.status()));
        return Ok(Started::new(process, bound, None, answer.streams(spec, purpose)));
    }
    let numbers = held.numbers();
    let tree = Tree::of(spec, &numbers)?;
    let group = tree.as_ref().map(Tree::fd);
    let (process, streams) = attempted(spec, &numbers, purpose, (bound, group), spawn::start)?;
    drop(held);
    Ok(Started::new(process, bound, tree, streams))
}

/// Opens the streams, computes the plan and starts. Repeats all of it if the child could not reopen a pipe. `group` is
/// the control group that was created for the program.
fn attempted<T>(
    spec: &Spec,
    held: &[RawFd],
    purpose: Purpose,
    (bound, group): (Bound, Option<RawFd>),
    start: impl Fn(&Plan<'_>) -> Result<T, spawn::Failure>,
) -> Result<(T, Streams), Error> {
    loop {
        let mut streams = Streams::open(spec, held, purpose, bound)?;
        let mut plan = Plan::new(spec, streams.sources, held, group)?;
        plan.deadline = bound.deadline();
        match start(&plan) {
            Ok(started) => {
                streams.child_ends.clear();
                return Ok((started, streams));
            }
            Err(failure) if failure.wants_another_try(&plan) => {}
            Err(failure) if failure.is_for_want_of_time() && bound.is_up() => return Err(spec.timed_out()),
            Err(failure) => return Err(start_error(spec, &plan, failure)),
        }
    }
}

/// A started daemon, with the parent's ends of its streams.
pub(crate) struct StartedDaemon {
    pub(crate) pid: i32,
    pub(crate) pidfd: Option<OwnedFd>,
    pub(crate) streams: Streams,
}

/// Starts a daemon, as [`start`] does a child.
pub(crate) fn start_daemon<Held: Fds>(spec: &Spec, held: Held, purpose: Purpose) -> Result<StartedDaemon, Error> {
    spec.check()?;
    #[cfg(feature = "dry-run")]
    if let Some(answer) = crate::dry_run::answer(spec, crate::dry_run::How::Daemon) {
        return Ok(StartedDaemon { pid: spawn::NOBODY, pidfd: None, streams: answer?.streams(spec, purpose) });
    }
    let bound = Bound::default();
    let ((pid, pidfd), streams) = attempted(spec, &held.numbers(), purpose, (bound, None), spawn::start_daemon)?;
    drop(held);
    Ok(StartedDaemon { pid, pidfd, streams })
}

/// A command whose child waits for the handshake, with the parent's ends of its streams.
pub(crate) struct StartedPaused {
    pub(crate) paused: Paused,
    pub(crate) bound: Bound,
    pub(crate) tree: Option<Tree>,
    pub(crate) streams: Streams,
    /// The path of the program.
    pub(crate) path: String,
}

/// Starts a child that waits before its last step, as [`start`] does.
pub(crate) fn pause<Held: Fds>(spec: &Spec, held: Held, daemon: bool) -> Result<StartedPaused, Error> {
    let bound = Bound::start(spec.timeout);
    spec.check()?;
    #[cfg(feature = "dry-run")]
    {
        use crate::dry_run::{How, answer};
        if let Some(answer) = answer(spec, if daemon { How::Daemon } else { How::Alongside }) {
            let answer = answer?;
            let paused = Paused::answered(Process::that_never_was(spawn::Waited::Ended(answer.status())));
            let streams = answer.streams(spec, Purpose::Alongside);
            return Ok(StartedPaused { paused, bound, tree: None, streams, path: String::new() });
        }
    }
    let numbers = held.numbers();
    let tree = Tree::of(spec, &numbers)?;
    let group = tree.as_ref().map(Tree::fd);
    let pause = |plan: &Plan<'_>| Ok((spawn::pause(plan, daemon)?, plan.operand(Step::Exec, 0)));
    let ((paused, path), streams) = attempted(spec, &numbers, Purpose::Alongside, (bound, group), pause)?;
    drop(held);
    Ok(StartedPaused { paused, bound, tree, streams, path })
}

pub(super) fn start_error(spec: &Spec, plan: &Plan<'_>, failure: spawn::Failure) -> Error {
    let operand = plan.operand(failure.step, failure.operand);
    step_error(spec, operand, failure)
}

/// The error of a failed step. `operand` is the text for the operand of the failure.
pub(crate) fn step_error(spec: &Spec, operand: String, failure: spawn::Failure) -> Error {
    let spawn::Failure { step, source, operand: number } = failure;
    // exec also fails with ENOENT if the file exists but its interpreter does not.
    let is_missing = step == Step::Exec && source.raw_os_error() == Some(libc::ENOENT);
    if is_missing && std::fs::symlink_metadata(&operand).is_err() {
        return spec.error(ErrorKind::NotFound { searched: Vec::new() });
    }
    let source = match step {
        Step::PidfileLock if number > 0 => {
            std::io::Error::new(std::io::ErrorKind::WouldBlock, format!("process {number} holds the lock"))
        }
        _ => source,
    };
    let is_too_long = step == Step::Exec && source.raw_os_error() == Some(libc::E2BIG);
    let error = spec.error(ErrorKind::Start { step, operand, source });
    if is_too_long { error.with_reason(sizes::what_is_too_long(spec)) } else { error }
}
