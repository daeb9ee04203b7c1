//! `run`: start, serve, wait.

use crate::capture::{Reader, Served, Trouble};
use crate::command::Command;
use crate::error::{Error, ErrorKind};
use crate::fds::Fds;
use crate::output::Output;
use crate::plan::Plan;
use crate::plan::streams::Streams;
use crate::spawn::{self, Waited};
use crate::spec::{Sink, Spec};
use crate::status::Status;
use crate::stdio::Stream;
use std::os::fd::RawFd;
use std::process::ExitStatus;
use std::rc::Rc;

pub(crate) fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    command: Command<In, Out, Err, Exit, Held>,
) -> Result<Output<Out, Err, Exit>, Error> {
    let Command { spec, held, .. } = command;
    // What the command owns is closed here as soon as the child has it: a reader of a pipe would not see its end else.
    let numbers = held.numbers();
    let ran = ran(&spec, &numbers, move || drop(held))?;
    output(&spec, ran)
}

/// A command that ended as declared.
struct Ran {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

fn ran(spec: &Spec, held: &[RawFd], started: impl FnOnce()) -> Result<Ran, Error> {
    spec.check()?;
    let mut streams = Streams::open(spec, held, crate::log::is_listened_to())?;
    let plan = Plan::new(spec, streams.sources)?;
    let mut process = spawn::start(&plan).map_err(|failure| start_error(spec, &plan, failure))?;
    drop(plan);
    streams.child_ends.clear();
    started();
    let secrets = Rc::new(spec.secrets());
    let mut served = Served::new(spec, &mut streams, &secrets, process.pid());
    let waited = served.serve(&mut process);
    concluded(spec, waited, served)
}

fn start_error(spec: &Spec, plan: &Plan<'_>, failure: spawn::Failure) -> Error {
    use crate::error::Step;
    let spawn::Failure { step, source, operand } = failure;
    if step == Step::Exec && source.raw_os_error() == Some(libc::ENOENT) {
        let path = plan.operand(step, operand);
        // Also what a missing interpreter gives, where the file is there.
        if std::fs::symlink_metadata(&path).is_err() {
            return spec.error(ErrorKind::NotFound { searched: Vec::new() });
        }
    }
    spec.error(ErrorKind::Start { step, operand: plan.operand(step, operand), source })
}

/// The end of a command, as its declaration sees it. What was captured goes with it, whatever it is.
fn concluded(spec: &Spec, waited: Waited, served: Served) -> Result<Ran, Error> {
    let Served { stdout: mut out, stderr: mut err, .. } = served;
    let trouble = [&mut out, &mut err].into_iter().flatten().find_map(stream_error);
    let merged = matches!(spec.stderr.sink, Sink::Merged);
    let (stdout, out_tail) = out.map(Reader::finish).unwrap_or_default();
    let (stderr, err_tail) = err.map(Reader::finish).unwrap_or_default();
    let kind = match waited {
        Waited::Ended(status) if !spec.accepted.accepts(status) => Some(ErrorKind::Exit { status }),
        Waited::Lost if trouble.is_none() => Some(ErrorKind::LostStatus),
        _ => trouble,
    };
    match (kind, waited) {
        (None, Waited::Ended(status)) => Ok(Ran { status, stdout, stderr }),
        (kind, _) => {
            let tail = if merged { out_tail } else { err_tail };
            let stderr = if matches!(spec.stderr.sink, Sink::Buffer) { stderr } else { tail };
            Err(spec.error(kind.unwrap_or(ErrorKind::LostStatus)).with_streams(stdout, stderr))
        }
    }
}

fn stream_error(reader: &mut Reader) -> Option<ErrorKind> {
    let (stream, max) = (reader.name, reader.max());
    reader.take_trouble().map(|trouble| match trouble {
        Trouble::OverLimit => ErrorKind::OutputLimit { stream, max },
        Trouble::HeldOpen => ErrorKind::HeldOpen { stream },
        Trouble::Failed(source) => ErrorKind::Stream { stream, source },
    })
}

fn output<Out: Stream, Err: Stream, Exit: Status>(spec: &Spec, ran: Ran) -> Result<Output<Out, Err, Exit>, Error> {
    let invalid = |stream, valid_up_to| spec.error(ErrorKind::InvalidUtf8 { stream, valid_up_to });
    let stdout = match Out::captured(ran.stdout) {
        Ok(stdout) => stdout,
        Err((bytes, at)) => return Err(invalid("stdout", at.valid_up_to()).with_streams(bytes, ran.stderr)),
    };
    match Err::captured(ran.stderr) {
        Ok(stderr) => Ok(Output { stdout, stderr, status: Exit::value(ran.status) }),
        Err((bytes, at)) => Err(invalid("stderr", at.valid_up_to()).with_streams(Out::into_bytes(stdout), bytes)),
    }
}
