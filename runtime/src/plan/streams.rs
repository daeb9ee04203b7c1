//! The streams of a command: files and pipes that the parent opens close-on-exec, at numbers from 3 up.

use super::descriptors::Source;
use super::fifo;
use crate::bound::Bound;
use crate::error::{Error, ErrorKind, Step};
use crate::fd::{above_the_streams, memory};
use crate::spec::{Input, Purpose, Sink, Spec};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, fcntl, open};
use nix::sys::stat::{Mode, SFlag, fstat, makedev};
use nix::unistd::pipe2;
use std::ffi::CStr;
use std::io::IsTerminal;
use std::os::fd::{AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::sync::Arc;

/// The names of the streams, by number.
const NAMES: [&str; 3] = ["stdin", "stdout", "stderr"];

/// The streams of one command.
pub(crate) struct Streams {
    /// The sources of the child's three streams.
    pub(crate) sources: [Source; 3],
    /// The child's ends, which the parent closes after the start.
    pub(crate) child_ends: Vec<OwnedFd>,
    /// The bytes to write to stdin.
    pub(crate) input: Option<Arc<Vec<u8>>>,
    /// The parent's ends of the three streams.
    pub(crate) ends: [Option<OwnedFd>; 3],
}

impl Streams {
    /// Opens the streams that `spec` declares. `held` are the descriptors that the command holds.
    pub(crate) fn open(spec: &Spec, held: &[RawFd], purpose: Purpose, bound: Bound) -> Result<Streams, Error> {
        let mut streams =
            Streams { sources: [Source::Null; 3], child_ends: Vec::new(), input: None, ends: [None, None, None] };
        streams.open_stdin(spec, held, purpose, bound)?;
        streams.open_output(spec, 1, &spec.stdout.sink, held, (purpose, bound))?;
        streams.open_output(spec, 2, &spec.stderr.sink, held, (purpose, bound))?;
        Ok(streams)
    }

    /// The streams of a command that a dry run answers.
    #[cfg(feature = "dry-run")]
    pub(crate) fn answered(input: Option<Arc<Vec<u8>>>, ends: [Option<OwnedFd>; 3]) -> Streams {
        Streams { sources: [Source::Null; 3], child_ends: Vec::new(), input, ends }
    }

    /// Whether the parent has ends to read or to write.
    pub(crate) fn are_served(&self) -> bool {
        self.ends.iter().any(Option::is_some)
    }

    fn open_stdin(&mut self, spec: &Spec, held: &[RawFd], purpose: Purpose, bound: Bound) -> Result<(), Error> {
        self.sources[0] = match &spec.stdin {
            Input::Unset if purpose == Purpose::Replace => self.inherited(0),
            Input::Unset | Input::Null => Source::Null,
            Input::Inherit => self.inherited(0),
            Input::Fd(place) => Source::Parent(held[*place]),
            Input::File(path) => {
                let file = open_file(spec, path, OFlag::O_RDONLY, bound)?;
                self.keep(file)
            }
            Input::Bytes(_) => self.pipe(spec, 0, true)?,
            Input::Pipe { nonblocking } => self.pipe(spec, 0, *nonblocking)?,
        };
        self.input = spec.stdin.fed().cloned();
        Ok(())
    }

    fn open_output(
        &mut self,
        spec: &Spec,
        number: usize,
        sink: &Sink,
        held: &[RawFd],
        (purpose, bound): (Purpose, Bound),
    ) -> Result<(), Error> {
        self.sources[number] = match sink {
            Sink::Null => Source::Null,
            Sink::Inherit => self.inherited(number as RawFd),
            Sink::Fd(place) => Source::Parent(held[*place]),
            Sink::Merged => self.sources[1],
            Sink::File { path, append } => {
                let mode = if *append { OFlag::O_APPEND } else { OFlag::O_TRUNC };
                let file = open_file(spec, path, OFlag::O_WRONLY | OFlag::O_CREAT | mode, bound)?;
                self.keep(file)
            }
            Sink::Unset if purpose == Purpose::Replace => self.inherited(number as RawFd),
            Sink::Unset | Sink::Log if !spec.has_end(number, purpose) => Source::Null,
            Sink::Unset | Sink::Log | Sink::Buffer | Sink::Pieces => self.pipe(spec, number, true)?,
            Sink::Pipe { nonblocking } => self.pipe(spec, number, *nonblocking)?,
            Sink::FileBuffer => self.stored(spec, number)?,
        };
        Ok(())
    }

    /// A memfd for an output. O_APPEND makes the program write at its end: if the program reopens and truncates its own
    /// stream, no hole remains.
    fn stored(&mut self, spec: &Spec, number: usize) -> Result<Source, Error> {
        let failed = |errno| failed(spec, Step::OpenStream, NAMES[number].to_owned(), errno);
        let file = memory::unsealed(&[]).map_err(failed)?;
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(failed)?;
        let source = Source::Parent(file.as_raw_fd());
        self.ends[number] = Some(file);
        Ok(source)
    }

    /// A pipe, one end of which the parent keeps.
    fn pipe(&mut self, spec: &Spec, number: usize, nonblocking: bool) -> Result<Source, Error> {
        let failed = |errno| failed(spec, Step::Pipe, NAMES[number].to_owned(), errno);
        let (read, write) = pipe2(OFlag::O_CLOEXEC).map_err(failed)?;
        let (read, write) = (above_the_streams(read).map_err(failed)?, above_the_streams(write).map_err(failed)?);
        let (child, parent) = if number == 0 { (read, write) } else { (write, read) };
        if nonblocking {
            fcntl(&parent, FcntlArg::F_SETFL(OFlag::O_NONBLOCK)).map_err(failed)?;
        }
        self.ends[number] = Some(parent);
        let source = Source::Pipe(child.as_raw_fd());
        self.child_ends.push(child);
        Ok(source)
    }

    /// The parent's own stream. If the parent has it closed, the child gets `/dev/null`, so that no file that the
    /// program opens later takes the number of a stream.
    fn inherited(&mut self, number: RawFd) -> Source {
        // SAFETY: the borrowed number is used for queries and reopening only, during this call. If it is closed, they
        // fail with EBADF.
        let stream = unsafe { BorrowedFd::borrow_raw(number) };
        let Ok(flags) = fcntl(stream, FcntlArg::F_GETFL).map(OFlag::from_bits_retain) else { return Source::Null };
        if !flags.contains(OFlag::O_NONBLOCK) {
            return Source::Parent(number);
        }
        match that_blocks(stream, flags).and_then(above_the_streams) {
            Ok(stream) => self.keep(stream),
            Err(_) => Source::Parent(number),
        }
    }

    fn keep(&mut self, child_end: OwnedFd) -> Source {
        let source = Source::Parent(child_end.as_raw_fd());
        self.child_ends.push(child_end);
        source
    }
}

/// Reopens a pipe or terminal of the parent without O_NONBLOCK, since few programs expect EAGAIN. The flag belongs to
/// the open file description, which the parent continues to use. A socket cannot be reopened, and reopening another
/// device may have side effects. For a regular file the flag has no effect.
fn that_blocks(stream: BorrowedFd<'_>, flags: OFlag) -> Result<OwnedFd, Errno> {
    let stat = fstat(stream)?;
    let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    // Every open of /dev/ptmx (device 5:2) creates another pseudoterminal.
    let is_terminal = kind == SFlag::S_IFCHR && stat.st_rdev != makedev(5, 2) && stream.is_terminal();
    if kind != SFlag::S_IFIFO && !is_terminal {
        return Err(Errno::ENOTSUP);
    }
    let kept = flags & (OFlag::O_ACCMODE | OFlag::O_APPEND);
    let path = format!("/proc/thread-self/fd/{}", stream.as_raw_fd());
    // O_NONBLOCK: opening a pipe whose other end is closed would block.
    let opened = open(path.as_str(), kept | OFlag::O_NONBLOCK | OFlag::O_NOCTTY | OFlag::O_CLOEXEC, Mode::empty())?;
    let is_it = fstat(&opened).is_ok_and(|found| (found.st_dev, found.st_ino) == (stat.st_dev, stat.st_ino));
    fcntl(&opened, FcntlArg::F_SETFL(kept))?;
    if is_it { Ok(opened) } else { Err(Errno::ENODEV) }
}

fn open_file(spec: &Spec, path: &CStr, flags: OFlag, bound: Bound) -> Result<OwnedFd, Error> {
    let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NOCTTY;
    let file = match bound.deadline() {
        Some(_) if fifo::is_fifo(path) => fifo::open_bounded(path, flags, bound),
        _ => loop {
            match open(path, flags, Mode::from_bits_truncate(0o666)) {
                Err(Errno::EINTR) => {}
                other => break other,
            }
        },
    };
    file.and_then(above_the_streams).map_err(|errno| match errno {
        Errno::ETIME => spec.timed_out(),
        errno => failed(spec, Step::OpenStream, path.to_string_lossy().into_owned(), errno),
    })
}

fn failed(spec: &Spec, step: Step, operand: String, errno: Errno) -> Error {
    spec.error(ErrorKind::Start { step, operand, source: errno.into() })
}
