//! Draining one output: into memory up to a bound, or line by line into the log.

use super::drain::drain;
use super::tail::Tail;
use super::{file, memory, width};
use crate::log::Lines;
use crate::secret::Secrets;
use crate::stdio::{BoxedError, HandlePieces};
use nix::errno::Errno;
use std::io;
use std::num::NonZeroUsize;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};

/// How much is read at once.
const CHUNK: NonZeroUsize = NonZeroUsize::new(width::USUAL).expect("a pipe holds something");
/// How much of a stream that is returned or logged is read at first.
const FEW: NonZeroUsize = NonZeroUsize::new(4 << 10).expect("not zero");

/// Whether the command was given up, or its time is up: no piece is handed out any more.
pub(crate) type IsOver<'a> = &'a dyn Fn() -> bool;

/// What went wrong with a stream. The child was not disturbed by it.
pub(crate) enum Trouble {
    OverLimit,
    HeldOpen,
    Failed(io::Error),
    /// A callback returned an error.
    Callback(BoxedError),
    /// What was read was not handed out to its end: the time was up, or the command given up.
    OutOfTime,
}

pub(crate) struct Reader<'h> {
    pub(crate) name: &'static str,
    /// Absent once the stream is at its end or given up.
    end: Option<OwnedFd>,
    sink: Sink<'h>,
    /// The end of what is not in `sink`.
    tail: Tail,
    /// The pipe holds more than it does by default.
    is_wide: bool,
    trouble: Option<Trouble>,
}

enum Sink<'h> {
    Returned {
        bytes: Vec<u8>,
        max: usize,
    },
    /// Written to a file, which is read when the child has ended.
    Stored {
        file: OwnedFd,
        bytes: Vec<u8>,
        max: usize,
    },
    Logged {
        lines: Option<Lines>,
        /// What was just read; kept, so that its memory is got once.
        chunk: Vec<u8>,
    },
    /// Handed out piece by piece; what is kept is a piece without an end.
    Pieces {
        begun: Vec<u8>,
        max: usize,
        handler: &'h mut dyn HandlePieces,
    },
}

impl<'h> Reader<'h> {
    pub(crate) fn returned(name: &'static str, end: OwnedFd, max: usize, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, Some(end), Sink::Returned { bytes: Vec::new(), max }, secrets)
    }

    pub(crate) fn stored(name: &'static str, file: OwnedFd, max: usize, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, None, Sink::Stored { file, bytes: Vec::new(), max }, secrets)
    }

    pub(crate) fn logged(name: &'static str, end: OwnedFd, lines: Option<Lines>, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, Some(end), Sink::Logged { lines, chunk: Vec::new() }, secrets)
    }

    /// Hands out pieces of at most `max` bytes.
    pub(crate) fn in_pieces(
        name: &'static str,
        end: OwnedFd,
        max: usize,
        handler: &'h mut dyn HandlePieces,
        secrets: &Secrets,
    ) -> Reader<'h> {
        Reader::new(name, Some(end), Sink::Pieces { begun: Vec::new(), max, handler }, secrets)
    }

    fn new(name: &'static str, end: Option<OwnedFd>, sink: Sink<'h>, secrets: &Secrets) -> Reader<'h> {
        Reader { name, end, sink, tail: Tail::new(secrets), is_wide: false, trouble: None }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.end.is_some()
    }

    pub(crate) fn end(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(AsFd::as_fd)
    }

    /// One read, which does not block.
    pub(crate) fn read(&mut self, is_over: IsOver<'_>) {
        self.read_at_most(CHUNK, is_over);
    }

    /// Reads no more than `length`, which is never nothing: a read of no byte would return 0, as at the end of the
    /// stream.
    fn read_at_most(&mut self, length: NonZeroUsize, is_over: IsOver<'_>) -> usize {
        let Some(end) = &self.end else { return 0 };
        let (tail, trouble) = (&mut self.tail, &mut self.trouble);
        let read = match &mut self.sink {
            Sink::Returned { bytes, max } if bytes.len() < *max => {
                // Straight into its place; one byte beyond the bound tells that there is more.
                let from = bytes.len();
                let length = length.min(NonZeroUsize::MIN.saturating_add(*max - from));
                let read = match from {
                    0 => read_first(end, bytes, length),
                    _ => memory::reserve(bytes, length.get(), *max).and_then(|()| read_into(end, bytes, length)),
                };
                read.inspect(|_| {
                    if bytes.len() > *max {
                        let (kept, beyond) = bytes.split_at(*max);
                        tail.push_behind(kept, beyond);
                        bytes.truncate(*max);
                        trouble.get_or_insert(Trouble::OverLimit);
                    }
                })
            }
            Sink::Returned { bytes, .. } => {
                let mut beyond = Vec::new();
                read_into(end, &mut beyond, length).inspect(|read| {
                    if *read > 0 {
                        tail.push_behind(bytes, &beyond);
                        trouble.get_or_insert(Trouble::OverLimit);
                    }
                })
            }
            Sink::Logged { lines, chunk } => {
                let nothing_yet = chunk.capacity() == 0;
                chunk.clear();
                let read = if nothing_yet { read_first(end, chunk, length) } else { read_into(end, chunk, length) };
                read.inspect(|_| {
                    tail.push(chunk);
                    lines.iter_mut().for_each(|lines| lines.push(chunk));
                })
            }
            // Has no end to read from.
            Sink::Stored { .. } => Ok(0),
            Sink::Pieces { begun, max, handler } => {
                let from = begun.len();
                read_into(end, begun, length).inspect(|_| {
                    tail.push(&begun[from..]);
                    if let Err(failed) = hand_out(begun, from, *max, &mut **handler, is_over) {
                        trouble.get_or_insert(failed);
                    }
                })
            }
        };
        if matches!(self.trouble, Some(Trouble::Callback(_) | Trouble::OutOfTime)) {
            self.end = None;
        }
        match read {
            Ok(0) => self.end = None,
            Ok(read) => {
                self.widen_for(read);
                return read;
            }
            Err(Errno::EAGAIN | Errno::EINTR) => {}
            Err(errno) => {
                self.end = None;
                self.trouble.get_or_insert(Trouble::Failed(errno.into()));
            }
        }
        0
    }

    /// A program that fills the pipe is given a wider one.
    fn widen_for(&mut self, read: usize) {
        if let (Some(end), true, false) = (&self.end, read == CHUNK.get(), self.is_wide) {
            width::widen(end);
            self.is_wide = true;
        }
    }

    /// When the child has ended: all that is in the pipe now, and no more, so that something that goes on writing is
    /// not waited for. A log is at its end with that, and so is a stream that is over its bound already.
    pub(crate) fn take_what_is_there(&mut self, is_over: IsOver<'_>) {
        // An end of file shows without waiting.
        if self.read_at_most(FEW, is_over) > 0 {
            let mut there = self.end.as_ref().map_or(0, bytes_in_pipe);
            while let Some(left) = NonZeroUsize::new(there) {
                match self.read_at_most(left.min(CHUNK), is_over) {
                    0 => break,
                    read => there = there.saturating_sub(read),
                }
            }
            self.read_at_most(NonZeroUsize::MIN, is_over);
        }
        let impatient = match &self.sink {
            Sink::Logged { .. } => true,
            Sink::Pieces { handler, .. } => !handler.is_patient(),
            Sink::Returned { .. } | Sink::Stored { .. } => false,
        };
        if let Some(end) = self.end.take_if(|_| impatient) {
            // Whoever was left behind may write on, and is not ended by SIGPIPE.
            drain(end);
        }
        if matches!(self.trouble, Some(Trouble::OverLimit)) {
            self.end = None;
        }
    }

    /// Whether a callback has returned an error, which ends the command.
    pub(crate) fn has_failed_callback(&self) -> bool {
        matches!(self.trouble, Some(Trouble::Callback(_)))
    }

    /// When the stream is at its end: hands out what has none, and reads what was stored.
    pub(crate) fn finish(&mut self, is_over: IsOver<'_>) {
        match &mut self.sink {
            Sink::Pieces { begun, .. } if self.trouble.is_none() && !begun.is_empty() && is_over() => {
                self.trouble = Some(Trouble::OutOfTime);
            }
            Sink::Pieces { begun, handler, .. } if self.trouble.is_none() && !begun.is_empty() => {
                self.trouble = handler.piece(begun).map_err(Trouble::Callback).err();
            }
            Sink::Stored { file, bytes, max } => match file::read_back(file, bytes, *max, &mut self.tail) {
                Ok(false) => {}
                Ok(true) => _ = self.trouble.get_or_insert(Trouble::OverLimit),
                Err(errno) => _ = self.trouble.get_or_insert(Trouble::Failed(errno.into())),
            },
            _ => {}
        }
    }

    /// Gives a stream up that the ended child left open: at once if it is over its bound already, which is drained no
    /// further, and else if its time is over.
    pub(crate) fn give_up(&mut self, is_over: bool) {
        if matches!(self.trouble, Some(Trouble::OverLimit)) {
            self.end = None;
        } else if is_over && self.end.take().is_some() {
            self.trouble.get_or_insert(Trouble::HeldOpen);
        }
    }

    pub(crate) fn take_trouble(&mut self) -> Option<Trouble> {
        self.trouble.take()
    }

    pub(crate) fn max(&self) -> usize {
        match self.sink {
            Sink::Returned { max, .. } | Sink::Stored { max, .. } | Sink::Pieces { max, .. } => max,
            Sink::Logged { .. } => 0,
        }
    }

    /// What is returned of the stream.
    pub(crate) fn take_bytes(&mut self) -> Vec<u8> {
        match &mut self.sink {
            Sink::Returned { bytes, .. } | Sink::Stored { bytes, .. } => {
                memory::give_back(bytes);
                std::mem::take(bytes)
            }
            Sink::Logged { .. } | Sink::Pieces { .. } => Vec::new(),
        }
    }

    /// The end of the stream, for an error, secrets hidden.
    pub(crate) fn take_tail(&mut self) -> Vec<u8> {
        if let (Sink::Returned { bytes, .. } | Sink::Stored { bytes, .. }, true) = (&self.sink, self.tail.is_empty()) {
            self.tail.push(bytes);
        }
        self.tail.finish()
    }
}

/// Hands out every piece of `begun` that has an end; the first `searched` bytes have none. A piece over the bound ends the
/// command, whether its end was read with it or not: how a stream is cut into reads changes nothing.
fn hand_out(
    begun: &mut Vec<u8>,
    searched: usize,
    max: usize,
    handler: &mut dyn HandlePieces,
    is_over: IsOver<'_>,
) -> Result<(), Trouble> {
    let too_long = || Trouble::Callback(format!("a piece is longer than {max} bytes").into());
    let separator = handler.separator();
    let (mut from, mut search) = (0, searched);
    while let Some(length) = begun[search..].iter().position(|byte| *byte == separator) {
        let end = search + length;
        if end - from > max {
            return Err(too_long());
        }
        // A callback may be slow: of what was read before, the rest is not handed out.
        if is_over() {
            return Err(Trouble::OutOfTime);
        }
        handler.piece(&begun[from..end]).map_err(Trouble::Callback)?;
        from = end + 1;
        search = from;
    }
    begun.drain(..from);
    if begun.len() > max { Err(too_long()) } else { Ok(()) }
}

/// Reads into `bytes`, which are empty. Most programs say little: it takes no more memory than it is long.
fn read_first(end: &OwnedFd, bytes: &mut Vec<u8>, length: NonZeroUsize) -> Result<usize, Errno> {
    let mut few = [0; FEW.get()];
    let few = &mut few[..length.min(FEW).get()];
    let read = uninterrupted(|| nix::unistd::read(end, few))?;
    bytes.extend_from_slice(&few[..read]);
    Ok(read)
}

/// Reads at most `length` bytes to the end of `bytes`.
fn read_into(end: &OwnedFd, bytes: &mut Vec<u8>, length: NonZeroUsize) -> Result<usize, Errno> {
    bytes.try_reserve(length.get()).map_err(|_| Errno::ENOMEM)?;
    let spare = bytes.spare_capacity_mut();
    let read = uninterrupted(|| {
        // SAFETY: the spare capacity is at least `length` long, and the kernel only writes to it.
        Errno::result(unsafe { libc::read(end.as_raw_fd(), spare.as_mut_ptr().cast(), length.get()) })
    })? as usize;
    // SAFETY: the kernel has written so many bytes behind the old end.
    unsafe { bytes.set_len(bytes.len() + read) };
    Ok(read)
}

/// A read that a signal interrupts is done again: it would be taken for one that found nothing.
fn uninterrupted<T>(mut read: impl FnMut() -> Result<T, Errno>) -> Result<T, Errno> {
    loop {
        match read() {
            Err(Errno::EINTR) => {}
            done => return done,
        }
    }
}

fn bytes_in_pipe(end: &OwnedFd) -> usize {
    let mut there: libc::c_int = 0;
    // SAFETY: FIONREAD writes one int.
    match Errno::result(unsafe { libc::ioctl(end.as_raw_fd(), libc::FIONREAD, &raw mut there) }) {
        Ok(_) => usize::try_from(there).unwrap_or(0),
        Err(_) => CHUNK.get(),
    }
}

#[cfg(test)]
mod tests;
