//! Functions that change the type of a command: the stream kinds, the descriptors that it holds, its mode.

use super::choice::{Choice, Which};
use crate::command::Command;
use crate::error::{Fault, Refusal, Unwatched};
use crate::fds::{Add, Descriptor, Fds};
use crate::mode::{Base, Daemonized, Mode, Waiting};
use crate::spec::settings::Leads;
use crate::spec::{Sink, Spec};
use crate::status::Status;
use crate::stdio::{BoxedError, PieceHandler, Pieces, Stream};

/// Checks that the operand of `..base` is a command.
pub fn base<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    base: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, Err, Exit, Held, Running> {
    base
}

pub fn spec<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    command: &mut Command<In, Out, Err, Exit, Held, Running>,
) -> &mut Spec {
    &mut command.spec
}

/// `Given` is a separate parameter: as a projection it would cause a second error beside that of the bound.
pub fn descriptor<Kind, Given, Fd: Descriptor<Kind, Given = Given>>(fd: Fd) -> Given {
    fd.give()
}

/// A value that the callback of `lines` or `split` may return.
#[diagnostic::on_unimplemented(
    message = "a callback of `lines` or `split` must return `()` or a `Result<(), _>`",
    label = "this callback returns `{Self}`"
)]
pub trait PieceResult {
    fn into_result(self) -> Result<(), BoxedError>;
}

#[diagnostic::do_not_recommend]
impl PieceResult for () {
    fn into_result(self) -> Result<(), BoxedError> {
        Ok(())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxedError>> PieceResult for Result<(), E> {
    fn into_result(self) -> Result<(), BoxedError> {
        self.map_err(Into::into)
    }
}

/// `lines(f)`: passes lines without their ends, and replaces invalid UTF-8.
pub fn lines<F: FnMut(&str) -> R, R: PieceResult>(
    mut f: F,
) -> PieceHandler<impl FnMut(&[u8]) -> Result<(), BoxedError>> {
    PieceHandler::of_lines(move |line| f(&String::from_utf8_lossy(line)).into_result())
}

/// `lines(f, strict)`: passes lines without their ends. Invalid UTF-8 is an error.
pub fn strict_lines<F: FnMut(&str) -> R, R: PieceResult>(
    mut f: F,
) -> PieceHandler<impl FnMut(&[u8]) -> Result<(), BoxedError>> {
    PieceHandler::of_lines(move |line| match std::str::from_utf8(line) {
        Ok(line) => f(line).into_result(),
        Err(invalid) => Err(invalid.into()),
    })
}

/// `split(byte, f)`: passes records without the bytes that end them.
pub fn split<F: FnMut(&[u8]) -> R, R: PieceResult>(
    separator: u8,
    mut f: F,
) -> PieceHandler<impl FnMut(&[u8]) -> Result<(), BoxedError>> {
    PieceHandler { separator, patient: true, is_text: false, call: move |piece: &[u8]| f(piece).into_result() }
}

pub fn stdin_as<New: Stream, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<New, Out, Err, Exit, Held, Running> {
    command.retype(|on_stdout, on_stderr| (on_stdout, on_stderr))
}

pub fn stdout_as<New, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, New, Err, Exit, Held, Running>
where
    New: Stream<Handler = ()>,
{
    command.retype(|_, on_stderr| ((), on_stderr))
}

pub fn stderr_as<New, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, New, Exit, Held, Running>
where
    New: Stream<Handler = ()>,
{
    command.retype(|on_stdout, _| (on_stdout, ()))
}

pub fn status_as<New: Status, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, Err, New, Held, Running> {
    command.retype(|on_stdout, on_stderr| (on_stdout, on_stderr))
}

pub fn stdout_pieces<F, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    mut command: Command<In, Out, Err, Exit, Held, Running>,
    handler: PieceHandler<F>,
) -> Command<In, Pieces<F>, Err, Exit, Held, Running>
where
    F: FnMut(&[u8]) -> Result<(), BoxedError>,
{
    command.spec.stdout.sink = Sink::Pieces;
    command.retype(|_, on_stderr| (handler, on_stderr))
}

pub fn stderr_pieces<F, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    mut command: Command<In, Out, Err, Exit, Held, Running>,
    handler: PieceHandler<F>,
) -> Command<In, Out, Pieces<F>, Exit, Held, Running>
where
    F: FnMut(&[u8]) -> Result<(), BoxedError>,
{
    command.spec.stderr.sink = Sink::Pieces;
    command.retype(|on_stdout, _| (on_stdout, handler))
}

/// Adds `handshake` to a command in the foreground or to a daemon.
pub fn handshake<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Base>(
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, Err, Exit, Held, Waiting<Running>> {
    command.retype(|on_stdout, on_stderr| (on_stdout, on_stderr))
}

/// Adds `daemonize`. The macro rejects keys that a daemon cannot have within one declaration; here such a key may come
/// from the base.
pub fn daemonize<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Base>(
    mut command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, Err, Exit, Held, Daemonized> {
    let spec = &mut command.spec;
    let settings = &spec.process;
    let key =
        [("cwd", spec.cwd.is_some()), ("timeout", spec.timeout.is_some()), ("pdeathsig", settings.pdeathsig.is_some())];
    if let Some((key, _)) = key.into_iter().find(|(_, given)| *given) {
        spec.refuse(Refusal::key(key, Fault::OfDaemon));
    }
    spec.refuse_descendants(Unwatched::Daemon);
    spec.process.leads = Some(Leads::Session);
    command.retype(|on_stdout, on_stderr| (on_stdout, on_stderr))
}

/// For each stream, the functions that set a descriptor, or a choice with one.
macro_rules! descriptors {
    ($($fd:ident $direct:ident $which:ident;)*) => {$(
        pub fn $fd<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>, Running: Mode>(
            command: Command<In, Out, Err, Exit, Held, Running>,
            fd: Fd,
        ) -> Command<In, Out, Err, Exit, Held::Sum, Running> {
            command.map(|spec, held| {
                let (held, place) = held.add(fd);
                Which::$which.set_fd(spec, place);
                held
            })
        }

        pub fn $direct<'fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held, Running: Mode>(
            command: Command<In, Out, Err, Exit, Held, Running>,
            choice: Choice<'fd>,
        ) -> Command<In, Out, Err, Exit, Held::Sum, Running>
        where
            Held: Add<Option<crate::fds::Held<'fd>>>,
        {
            command.map(|spec, held| {
                let chosen = Which::$which.choose(spec, choice);
                let is_fd = chosen.is_some();
                let (held, place) = held.add(chosen);
                if is_fd {
                    Which::$which.set_fd(spec, place);
                }
                held
            })
        }
    )*};
}

descriptors! {
    stdin_fd stdin_direct Stdin;
    stdout_fd stdout_direct Stdout;
    stderr_fd stderr_direct Stderr;
}
