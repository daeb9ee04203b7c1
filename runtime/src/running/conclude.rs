//! The end of a command whose streams were served: its output, or its error.

use super::ending::EndedBy;
use super::output::Output;
use super::program::Program;
use super::serve::Served;
use crate::bound::Timeout;
use crate::capture::{Reader, Trouble};
use crate::error::{Error, ErrorKind};
use crate::plan::streams::Streams;
use crate::spawn::Waited;
use crate::spec::Spec;
use crate::status::Status;
use crate::stdio::{HandlePieces, Stream};
use std::os::fd::OwnedFd;
use std::process::ExitStatus;

/// The result of a command that ended as declared.
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

/// Judges the end of a command by its declaration. An error carries the captured output as well.
fn concluded(spec: &Spec, waited: Waited, ended_by: Option<EndedBy>, served: Served<'_>) -> Result<Ran, Error> {
    let Served { stdout: mut out, stderr: mut err, stdin_failed, .. } = served;
    let not_fed = stdin_failed.map(|errno| ErrorKind::Stream { stream: "stdin", source: errno.into() });
    let troubles =
        [&mut out, &mut err].into_iter().flatten().filter_map(|reader| stream_error(spec, reader)).chain(not_fed);
    // A failed callback comes first, since it ended the program. Otherwise the first failure in this order counts.
    let trouble = troubles.min_by_key(|kind| !matches!(kind, ErrorKind::Callback { .. }));
    let kind = match waited {
        Waited::StillRunning(id) => Some(ErrorKind::StillRunning { id }),
        // If this process ended the program, the error tells why, and not how the program ended.
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
            let said = if spec.stderr.sink.is_merged() { &mut out } else { &mut err };
            let tail = said.as_mut().map(Reader::take_tail).unwrap_or_default();
            let (stdout, stderr) = (bytes(&mut out), bytes(&mut err));
            let stderr = if spec.stderr.sink.keeps_bytes() { stderr } else { tail };
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
