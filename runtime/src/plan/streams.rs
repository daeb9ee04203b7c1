//! The streams of a command that is served: files and pipes opened in the parent, close-on-exec and never below 3.

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

/// The streams by their numbers.
const NAMES: [&str; 3] = ["stdin", "stdout", "stderr"];

/// The streams of one command.
pub(crate) struct Streams {
    /// Where the child's three streams come from.
    pub(crate) sources: [Source; 3],
    /// The child's ends, to be closed in the parent once the child has them.
    pub(crate) child_ends: Vec<OwnedFd>,
    /// What stdin is fed.
    pub(crate) input: Option<Arc<Vec<u8>>>,
    /// The parent's ends of the three.
    pub(crate) ends: [Option<OwnedFd>; 3],
}

impl Streams {
    /// Opens what `spec` declares. `held` are the numbers of the descriptors that its command holds.
    pub(crate) fn open(spec: &Spec, held: &[RawFd], purpose: Purpose, bound: Bound) -> Result<Streams, Error> {
        let mut streams =
            Streams { sources: [Source::Null; 3], child_ends: Vec::new(), input: None, ends: [None, None, None] };
        streams.open_stdin(spec, held, purpose, bound)?;
        streams.open_output(spec, 1, &spec.stdout.sink, held, (purpose, bound))?;
        streams.open_output(spec, 2, &spec.stderr.sink, held, (purpose, bound))?;
        Ok(streams)
    }

    /// The ends of a command that was answered in a dry run.
    #[cfg(feature = "dry-run")]
    pub(crate) fn answered(input: Option<Arc<Vec<u8>>>, ends: [Option<OwnedFd>; 3]) -> Streams {
        Streams { sources: [Source::Null; 3], child_ends: Vec::new(), input, ends }
    }

    /// The parent has ends to read or to write.
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

    /// A file in memory. Written to at its end, wherever that is: a program that opens its own stream again and empties
    /// it leaves no hole.
    fn stored(&mut self, spec: &Spec, number: usize) -> Result<Source, Error> {
        let failed = |errno| failed(spec, Step::OpenStream, NAMES[number].to_owned(), errno);
        let file = memory::unsealed(&[]).map_err(failed)?;
        fcntl(&file, FcntlArg::F_SETFL(OFlag::O_APPEND)).map_err(failed)?;
        let source = Source::Parent(file.as_raw_fd());
        self.ends[number] = Some(file);
        Ok(source)
    }

    /// A pipe of which the parent keeps one end.
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

    /// The parent's own stream; where the parent has none, the child gets `/dev/null`, so that no file that it opens later
    /// takes the number of a stream.
    fn inherited(&mut self, number: RawFd) -> Source {
        // SAFETY: the number is only asked for, and a closed one answers EBADF.
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

/// A pipe or terminal of the parent's whose O_NONBLOCK the program is not to get: few expect EAGAIN. The flag belongs to
/// what was opened, which the parent goes on using, so that it is opened once more. That cannot be done with a socket, and
/// not with other devices, which may do something at that; with a file the flag means nothing.
fn that_blocks(stream: BorrowedFd<'_>, flags: OFlag) -> Result<OwnedFd, Errno> {
    let stat = fstat(stream)?;
    let kind = SFlag::from_bits_truncate(stat.st_mode) & SFlag::S_IFMT;
    // Of a pseudo-terminal's other side each opening is another one.
    let is_terminal = kind == SFlag::S_IFCHR && stat.st_rdev != makedev(5, 2) && stream.is_terminal();
    if kind != SFlag::S_IFIFO && !is_terminal {
        return Err(Errno::ENOTSUP);
    }
    let kept = flags & (OFlag::O_ACCMODE | OFlag::O_APPEND);
    let path = format!("/proc/thread-self/fd/{}", stream.as_raw_fd());
    // To open a pipe whose other end is gone would wait for one.
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
