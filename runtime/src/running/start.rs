//! Starting a command, and `run`: start, serve, wait.

use crate::bound::{Bound, Timeout};
use crate::capture::{Reader, Served, Trouble};
use crate::command::Command;
use crate::error::{Error, ErrorKind, Step};
use crate::fds::Fds;
use crate::mode::Foreground;
use crate::plan::Plan;
use crate::plan::sizes;
use crate::plan::streams::{Purpose, Streams};
use crate::running::output::Output;
use crate::running::{self, EndedBy, Program, Tree};
use crate::spawn::{self, Paused, Process, Waited};
use crate::spec::{Sink, Spec};
use crate::status::Status;
use crate::stdio::{HandlePieces, Stream};
use std::os::fd::{OwnedFd, RawFd};
use std::process::ExitStatus;
use std::sync::Arc;

/// A program that was started, and the parent's ends of its streams.
pub(crate) struct Started {
    pub(crate) program: Program,
    pub(crate) streams: Streams,
}

impl Started {
    fn new(process: Process, bound: Bound, tree: Option<Tree>, streams: Streams) -> Started {
        Started { program: Program::new(process, bound, tree), streams }
    }
}

/// Starts the program of `spec`, whose time begins now. What the command held is closed in the parent as soon as the
/// child has it: a reader of a pipe would not see its end else.
pub(crate) fn start<Held: Fds>(spec: &Spec, held: Held, purpose: Purpose) -> Result<Started, Error> {
    let bound = Bound::start(spec.timeout);
    spec.check()?;
    #[cfg(feature = "dry-run")]
    if let Some(answer) = crate::dry_run::answer(spec, purpose.into()) {
        let answer = answer?;
        let process = Process::that_never_was(Waited::Ended(answer.status()));
        return Ok(Started::new(process, bound, None, answer.streams(spec, purpose)));
    }
    let numbers = held.numbers();
    let tree = Tree::of(spec, &numbers)?;
    let group = tree.as_ref().map(Tree::fd);
    let (process, streams) = attempted(spec, &numbers, purpose, (bound, group), spawn::start)?;
    drop(held);
    Ok(Started::new(process, bound, tree, streams))
}

/// Opens the streams, plans and starts; all of it once more where the child could not open a pipe again. `group` is the
/// control group that was made for the program.
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

/// A daemon that was started, and the parent's ends of its streams.
pub(crate) struct StartedDaemon {
    pub(crate) pid: i32,
    pub(crate) pidfd: Option<OwnedFd>,
    pub(crate) streams: Streams,
}

/// As [`start`], of a daemon.
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

/// A command that waits for the word to be executed, and the parent's ends of its streams.
pub(crate) struct StartedPaused {
    pub(crate) paused: Paused,
    pub(crate) bound: Bound,
    pub(crate) tree: Option<Tree>,
    pub(crate) streams: Streams,
    /// What is executed at the word.
    pub(crate) path: String,
}

/// As [`start`], up to the last step.
pub(crate) fn pause<Held: Fds>(spec: &Spec, held: Held, daemon: bool) -> Result<StartedPaused, Error> {
    let bound = Bound::start(spec.timeout);
    spec.check()?;
    #[cfg(feature = "dry-run")]
    {
        use crate::dry_run::{How, answer};
        if let Some(answer) = answer(spec, if daemon { How::Daemon } else { How::Alongside }) {
            let answer = answer?;
            let paused = Paused::answered(Process::that_never_was(Waited::Ended(answer.status())));
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

/// Replaces this process by the program; comes back only if that fails.
pub(crate) fn exec<Held: Fds>(spec: &Spec, held: &Held) -> Error {
    let plan = || {
        spec.check()?;
        #[cfg(feature = "dry-run")]
        if let Some(answer) = crate::dry_run::answer(spec, crate::dry_run::How::Replacing) {
            let _: crate::dry_run::Answer = answer?;
            let source = std::io::Error::other("a dry run replaces nothing");
            return Err(spec.error(ErrorKind::Start { step: Step::Exec, operand: spec.program_text(), source }));
        }
        let numbers = held.numbers();
        let streams = Streams::open(spec, &numbers, Purpose::Replace, Bound::default())?;
        let mut plan = Plan::new(spec, streams.sources, &numbers, None)?;
        // The parent of the program is that of this process.
        plan.parent = nix::unistd::getppid().as_raw();
        Ok((plan, streams))
    };
    match plan() {
        Ok((plan, _streams)) => start_error(spec, &plan, spawn::replace(&plan)),
        Err(error) => error,
    }
}

fn start_error(spec: &Spec, plan: &Plan<'_>, failure: spawn::Failure) -> Error {
    let operand = plan.operand(failure.step, failure.operand);
    step_error(spec, operand, failure)
}

/// The error of a step, `operand` being what its own stands for.
pub(crate) fn step_error(spec: &Spec, operand: String, failure: spawn::Failure) -> Error {
    let spawn::Failure { step, source, operand: number } = failure;
    // Also what a missing interpreter gives, where the file is there.
    let is_missing = step == Step::Exec && source.raw_os_error() == Some(libc::ENOENT);
    if is_missing && std::fs::symlink_metadata(&operand).is_err() {
        return spec.error(ErrorKind::NotFound { searched: Vec::new() });
    }
    let source = match step {
        Step::PidfileLock if number > 0 => {
            std::io::Error::new(std::io::ErrorKind::WouldBlock, format!("process {number} holds it"))
        }
        _ => source,
    };
    let is_too_long = step == Step::Exec && source.raw_os_error() == Some(libc::E2BIG);
    let error = spec.error(ErrorKind::Start { step, operand, source });
    if is_too_long { error.with_reason(sizes::what_is_too_long(spec)) } else { error }
}

pub(crate) fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    command: Command<In, Out, Err, Exit, Held, Foreground>,
) -> Result<Output<Out, Err, Exit>, Error> {
    let Command { spec, held, mut on_stdout, mut on_stderr, .. } = command;
    let handlers = [Out::pieces(&mut on_stdout), Err::pieces(&mut on_stderr)];
    let Started { program, streams } = start(&spec, held, served())?;
    // A callback may block: the program's time is enforced all the same.
    let ran = if handlers.iter().any(Option::is_some) && program.needs_care() {
        let program = Arc::new(program);
        // Without a thread it is enforced between the calls.
        let _ = running::care(&program);
        let ran = serve(&spec, &program, streams, handlers, None);
        program.close();
        ran
    } else {
        serve(&spec, &program, streams, handlers, None)
    };
    output(&spec, ran?)
}

fn served() -> Purpose {
    Purpose::Served { listening: crate::log::is_listened_to() }
}

/// A command that ended as declared.
pub(crate) struct Ran {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

/// Serves the streams of a program until it has ended.
pub(crate) fn serve<'h>(
    spec: &Spec,
    program: &Program,
    streams: Streams,
    handlers: [Option<&'h mut (dyn HandlePieces + 'h)>; 2],
    abort: Option<&'h OwnedFd>,
) -> Result<Ran, Error> {
    let mut served = Served::new(spec, streams, handlers, program.pid());
    served.abort_on(abort);
    let waited = served.serve(program);
    concluded(spec, waited, program.ended_by(), served)
}

/// The end of a command, as its declaration sees it. What was captured goes with it, whatever it is.
fn concluded(spec: &Spec, waited: Waited, ended_by: Option<EndedBy>, served: Served<'_>) -> Result<Ran, Error> {
    let Served { stdout: mut out, stderr: mut err, stdin_failed, .. } = served;
    let not_fed = stdin_failed.map(|errno| ErrorKind::Stream { stream: "stdin", source: errno.into() });
    let troubles =
        [&mut out, &mut err].into_iter().flatten().filter_map(|reader| stream_error(spec, reader)).chain(not_fed);
    // What ended the program first, whatever else came of it; else the first in this order.
    let trouble = troubles.min_by_key(|kind| !matches!(kind, ErrorKind::Callback { .. }));
    let merged = matches!(spec.stderr.sink, Sink::Merged);
    let kind = match waited {
        Waited::StillRunning(id) => Some(ErrorKind::StillRunning { id }),
        // The end that this process brought about is no news: what it was for is.
        _ if ended_by == Some(EndedBy::Callback) => trouble,
        _ if ended_by == Some(EndedBy::Timeout) => {
            spec.timeout.map(|Timeout { after, .. }| ErrorKind::Timeout { after })
        }
        _ if ended_by == Some(EndedBy::Abort) => Some(ErrorKind::Aborted),
        Waited::Ended(status) if !spec.accepted.accepts(status) => Some(ErrorKind::Exit { status }),
        Waited::Lost if trouble.is_none() => Some(ErrorKind::LostStatus),
        _ => trouble,
    };
    let bytes = |reader: &mut Option<Reader<'_>>| reader.as_mut().map(Reader::take_bytes).unwrap_or_default();
    match (kind, waited) {
        (None, Waited::Ended(status)) => Ok(Ran { status, stdout: bytes(&mut out), stderr: bytes(&mut err) }),
        (kind, waited) => {
            let said = if merged { &mut out } else { &mut err };
            let tail = said.as_mut().map(Reader::take_tail).unwrap_or_default();
            let (stdout, stderr) = (bytes(&mut out), bytes(&mut err));
            let stderr = if matches!(spec.stderr.sink, Sink::Buffer | Sink::FileBuffer) { stderr } else { tail };
            let error = spec.error(kind.unwrap_or(ErrorKind::LostStatus)).with_streams(stdout, stderr);
            Err(if let Waited::Ended(status) = waited { error.with_status(status) } else { error })
        }
    }
}

fn stream_error(spec: &Spec, reader: &mut Reader<'_>) -> Option<ErrorKind> {
    let (stream, max) = (reader.name, reader.max());
    reader.take_trouble().map(|trouble| match trouble {
        Trouble::OverLimit => ErrorKind::OutputLimit { stream, max },
        Trouble::HeldOpen => ErrorKind::HeldOpen { stream },
        Trouble::Failed(source) => ErrorKind::Stream { stream, source },
        Trouble::Callback(source) => ErrorKind::Callback { stream, source },
        Trouble::OutOfTime => {
            spec.timeout.map_or(ErrorKind::Aborted, |Timeout { after, .. }| ErrorKind::Timeout { after })
        }
    })
}

pub(crate) fn output<Out: Stream, Err: Stream, Exit: Status>(
    spec: &Spec,
    ran: Ran,
) -> Result<Output<Out, Err, Exit>, Error> {
    let invalid =
        |stream, valid_up_to| spec.error(ErrorKind::InvalidUtf8 { stream, valid_up_to }).with_status(ran.status);
    let stdout = match Out::captured(ran.stdout) {
        Ok(stdout) => stdout,
        Err((bytes, at)) => return Err(invalid("stdout", at.valid_up_to()).with_streams(bytes, ran.stderr)),
    };
    match Err::captured(ran.stderr) {
        Ok(stderr) => Ok(Output { stdout, stderr, status: Exit::value(ran.status), secrets: spec.secrets() }),
        Err((bytes, at)) => Err(invalid("stderr", at.valid_up_to()).with_streams(Out::into_bytes(stdout), bytes)),
    }
}
