//! The streams of a command that is served: files and pipes opened in the parent, close-on-exec and never below 3.

use super::descriptors::{FIRST, Source};
use crate::error::{Error, ErrorKind, Step};
use crate::spec::{Input, Sink, Spec};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::Mode;
use nix::unistd::pipe2;
use std::ffi::CStr;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::sync::Arc;

/// The streams of one command.
pub(crate) struct Streams {
    /// Where the child's three streams come from.
    pub(crate) sources: [Source; 3],
    /// The child's ends, to be closed in the parent once the child has them.
    pub(crate) child_ends: Vec<OwnedFd>,
    /// The parent's ends.
    pub(crate) stdin: Option<(OwnedFd, Arc<Vec<u8>>)>,
    pub(crate) stdout: Option<OwnedFd>,
    pub(crate) stderr: Option<OwnedFd>,
}

impl Streams {
    /// Opens what `spec` declares. `held` are the numbers of the descriptors that its command holds; `listening` tells
    /// whether anybody reads the log.
    pub(crate) fn open(spec: &Spec, held: &[RawFd], listening: bool) -> Result<Streams, Error> {
        let sources = [Source::Null; 3];
        let mut streams = Streams { sources, child_ends: Vec::new(), stdin: None, stdout: None, stderr: None };
        streams.sources[0] = match &spec.stdin {
            Input::Null => Source::Null,
            Input::Inherit => inherited(0),
            Input::Fd(place) => Source::Parent(held[*place]),
            Input::File(path) => {
                let file = open_file(spec, path, OFlag::O_RDONLY)?;
                streams.keep(file)
            }
            Input::Bytes(bytes) => {
                let (read, write) = pipe(spec, "stdin")?;
                set_nonblocking(spec, "stdin", &write)?;
                streams.stdin = Some((write, Arc::clone(bytes)));
                streams.keep(read)
            }
        };
        let (source, parent_end) = streams.output(spec, "stdout", &spec.stdout.sink, 1, held, listening)?;
        streams.sources[1] = source;
        streams.stdout = parent_end;
        // The end of stderr is kept for the error, whether or not anybody reads the log.
        let (source, parent_end) = streams.output(spec, "stderr", &spec.stderr.sink, 2, held, true)?;
        streams.sources[2] = source;
        streams.stderr = parent_end;
        Ok(streams)
    }

    fn output(
        &mut self,
        spec: &Spec,
        name: &'static str,
        sink: &Sink,
        number: RawFd,
        held: &[RawFd],
        served: bool,
    ) -> Result<(Source, Option<OwnedFd>), Error> {
        Ok(match sink {
            Sink::Null => (Source::Null, None),
            Sink::Inherit => (inherited(number), None),
            Sink::Fd(place) => (Source::Parent(held[*place]), None),
            Sink::Merged => (self.sources[1], None),
            Sink::File { path, append } => {
                let mode = if *append { OFlag::O_APPEND } else { OFlag::O_TRUNC };
                let file = open_file(spec, path, OFlag::O_WRONLY | OFlag::O_CREAT | mode)?;
                (self.keep(file), None)
            }
            // A log that carries stderr as well is kept for the error.
            Sink::Unset | Sink::Log if !served && !matches!(spec.stderr.sink, Sink::Merged) => (Source::Null, None),
            Sink::Unset | Sink::Log | Sink::Buffer => {
                let (read, write) = pipe(spec, name)?;
                set_nonblocking(spec, name, &read)?;
                (self.keep(write), Some(read))
            }
        })
    }

    fn keep(&mut self, child_end: OwnedFd) -> Source {
        let source = Source::Parent(child_end.as_raw_fd());
        self.child_ends.push(child_end);
        source
    }
}

/// The parent's own stream; where the parent has none, the child gets `/dev/null`, so that no file that it opens later
/// takes the number of a stream.
fn inherited(number: RawFd) -> Source {
    // SAFETY: the number is only asked for, and a closed one answers EBADF.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    match fcntl(borrowed, FcntlArg::F_GETFD) {
        Ok(_) => Source::Parent(number),
        Err(_) => Source::Null,
    }
}

fn open_file(spec: &Spec, path: &CStr, flags: OFlag) -> Result<OwnedFd, Error> {
    let failed = |errno| failed(spec, Step::OpenStream, path.to_string_lossy().into_owned(), errno);
    let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = loop {
        match open(path, flags, Mode::from_bits_truncate(0o666)) {
            Err(Errno::EINTR) => {}
            other => break other,
        }
    };
    file.and_then(above_the_streams).map_err(failed)
}

fn pipe(spec: &Spec, stream: &'static str) -> Result<(OwnedFd, OwnedFd), Error> {
    let opened =
        pipe2(OFlag::O_CLOEXEC).and_then(|(read, write)| Ok((above_the_streams(read)?, above_the_streams(write)?)));
    opened.map_err(|errno| failed(spec, Step::Pipe, stream.to_owned(), errno))
}

fn set_nonblocking(spec: &Spec, stream: &'static str, end: &OwnedFd) -> Result<(), Error> {
    let set = fcntl(end, FcntlArg::F_SETFL(OFlag::O_NONBLOCK));
    set.map(drop).map_err(|errno| failed(spec, Step::Pipe, stream.to_owned(), errno))
}

/// The same file at a number from 3 up.
pub(crate) fn above_the_streams(fd: OwnedFd) -> Result<OwnedFd, Errno> {
    if fd.as_raw_fd() >= FIRST {
        return Ok(fd);
    }
    let above = fcntl(fd.as_fd(), FcntlArg::F_DUPFD_CLOEXEC(FIRST))?;
    // SAFETY: fcntl(F_DUPFD_CLOEXEC) has just opened this descriptor, and nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(above) })
}

fn failed(spec: &Spec, step: Step, operand: String, errno: Errno) -> Error {
    spec.error(ErrorKind::Start { step, operand, source: errno.into() })
}
