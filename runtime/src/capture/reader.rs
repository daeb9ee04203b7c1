//! Reads one output: into memory up to a bound, line by line into the log, or piece by piece into a callback.

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

/// The maximum size of a read.
const CHUNK: NonZeroUsize = NonZeroUsize::new(width::USUAL).expect("a pipe holds something");
/// The size of the first read of a stream that is returned or logged.
const FEW: NonZeroUsize = NonZeroUsize::new(4 << 10).expect("not zero");

/// Tells whether the command was aborted or its deadline has passed; then no further piece goes to the callback.
pub(crate) type IsOver<'a> = &'a dyn Fn() -> bool;

/// A failure of a stream. It does not affect the child.
pub(crate) enum Trouble {
    OverLimit,
    HeldOpen,
    Failed(io::Error),
    /// A callback returned an error.
    Callback(BoxedError),
    /// The callback did not get all that was read: the deadline passed, or the command was aborted.
    OutOfTime,
}

pub(crate) struct Reader<'h> {
    pub(crate) name: &'static str,
    /// `None` after end-of-file, or once the stream is abandoned.
    end: Option<OwnedFd>,
    sink: Destination<'h>,
    /// The end of the bytes that are not in `sink`.
    tail: Tail,
    /// Whether the pipe was enlarged.
    is_wide: bool,
    trouble: Option<Trouble>,
}

enum Destination<'h> {
    Returned {
        bytes: Vec<u8>,
        max: usize,
    },
    /// A memfd, read after the child has ended.
    Stored {
        file: OwnedFd,
        bytes: Vec<u8>,
        max: usize,
    },
    Logged {
        lines: Option<Lines>,
        /// The buffer of the last read, reused.
        chunk: Vec<u8>,
    },
    /// Pieces go to a callback; `begun` is a piece whose end has not been read.
    Pieces {
        begun: Vec<u8>,
        max: usize,
        handler: &'h mut dyn HandlePieces,
    },
}

impl<'h> Reader<'h> {
    pub(crate) fn returned(name: &'static str, end: OwnedFd, max: usize, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, Some(end), Destination::Returned { bytes: Vec::new(), max }, secrets)
    }

    pub(crate) fn stored(name: &'static str, file: OwnedFd, max: usize, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, None, Destination::Stored { file, bytes: Vec::new(), max }, secrets)
    }

    pub(crate) fn logged(name: &'static str, end: OwnedFd, lines: Option<Lines>, secrets: &Secrets) -> Reader<'h> {
        Reader::new(name, Some(end), Destination::Logged { lines, chunk: Vec::new() }, secrets)
    }

    /// Passes pieces of at most `max` bytes to the callback.
    pub(crate) fn in_pieces(
        name: &'static str,
        end: OwnedFd,
        max: usize,
        handler: &'h mut dyn HandlePieces,
        secrets: &Secrets,
    ) -> Reader<'h> {
        Reader::new(name, Some(end), Destination::Pieces { begun: Vec::new(), max, handler }, secrets)
    }

    fn new(name: &'static str, end: Option<OwnedFd>, sink: Destination<'h>, secrets: &Secrets) -> Reader<'h> {
        Reader { name, end, sink, tail: Tail::new(secrets), is_wide: false, trouble: None }
    }

    pub(crate) fn is_open(&self) -> bool {
        self.end.is_some()
    }

    pub(crate) fn end(&self) -> Option<BorrowedFd<'_>> {
        self.end.as_ref().map(AsFd::as_fd)
    }

    /// Reads once, without blocking.
    pub(crate) fn read(&mut self, is_over: IsOver<'_>) {
        self.read_at_most(CHUNK, is_over);
    }

    /// Reads at most `length` bytes. The length is not zero, since a read of zero bytes returns 0, as at end-of-file.
    fn read_at_most(&mut self, length: NonZeroUsize, is_over: IsOver<'_>) -> usize {
        let Some(end) = &self.end else { return 0 };
        let (tail, trouble) = (&mut self.tail, &mut self.trouble);
        let read = match &mut self.sink {
            Destination::Returned { bytes, max } if bytes.len() < *max => {
                // Reads directly into the result. One byte beyond the bound shows that there is more.
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
            Destination::Returned { bytes, .. } => {
                let mut beyond = Vec::new();
                read_into(end, &mut beyond, length).inspect(|read| {
                    if *read > 0 {
                        tail.push_behind(bytes, &beyond);
                        trouble.get_or_insert(Trouble::OverLimit);
                    }
                })
            }
            Destination::Logged { lines, chunk } => {
                let nothing_yet = chunk.capacity() == 0;
                chunk.clear();
                let read = if nothing_yet { read_first(end, chunk, length) } else { read_into(end, chunk, length) };
                read.inspect(|_| {
                    tail.push(chunk);
                    lines.iter_mut().for_each(|lines| lines.push(chunk));
                })
            }
            // It has no pipe to read from.
            Destination::Stored { .. } => Ok(0),
            Destination::Pieces { begun, max, handler } => {
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

    /// Enlarges the pipe of a program that fills it.
    fn widen_for(&mut self, read: usize) {
        if let (Some(end), true, false) = (&self.end, read == CHUNK.get(), self.is_wide) {
            width::widen(end);
            self.is_wide = true;
        }
    }

    /// Called after the child has ended: reads what is in the pipe now, and no more, so that a leftover that continues
    /// to write is not waited for. A log then ends, and so does a stream that is over its bound.
    pub(crate) fn take_what_is_there(&mut self, is_over: IsOver<'_>) {
        // End-of-file shows without waiting.
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
            Destination::Logged { .. } => true,
            Destination::Pieces { handler, .. } => !handler.is_patient(),
            Destination::Returned { .. } | Destination::Stored { .. } => false,
        };
        if let Some(end) = self.end.take_if(|_| impatient) {
            // A leftover may continue to write, and must not get SIGPIPE.
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

    /// Called at the end of the stream: passes the last, unterminated piece to the callback, and reads back a memfd.
    pub(crate) fn finish(&mut self, is_over: IsOver<'_>) {
        match &mut self.sink {
            Destination::Pieces { begun, .. } if self.trouble.is_none() && !begun.is_empty() && is_over() => {
                self.trouble = Some(Trouble::OutOfTime);
            }
            Destination::Pieces { begun, handler, .. } if self.trouble.is_none() && !begun.is_empty() => {
                self.trouble = handler.piece(begun).map_err(Trouble::Callback).err();
            }
            Destination::Stored { file, bytes, max } => match file::read_back(file, bytes, *max, &mut self.tail) {
                Ok(false) => {}
                Ok(true) => _ = self.trouble.get_or_insert(Trouble::OverLimit),
                Err(errno) => _ = self.trouble.get_or_insert(Trouble::Failed(errno.into())),
            },
            _ => {}
        }
    }

    /// Abandons a stream that a leftover holds open: at once if it is over its bound, otherwise once the wait for it is
    /// over.
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
            Destination::Returned { max, .. } | Destination::Stored { max, .. } | Destination::Pieces { max, .. } => {
                max
            }
            Destination::Logged { .. } => 0,
        }
    }

    /// Takes the returned bytes.
    pub(crate) fn take_bytes(&mut self) -> Vec<u8> {
        match &mut self.sink {
            Destination::Returned { bytes, .. } | Destination::Stored { bytes, .. } => {
                memory::give_back(bytes);
                std::mem::take(bytes)
            }
            Destination::Logged { .. } | Destination::Pieces { .. } => Vec::new(),
        }
    }

    /// Takes the end of the stream for an error, with secrets hidden.
    pub(crate) fn take_tail(&mut self) -> Vec<u8> {
        if let (Destination::Returned { bytes, .. } | Destination::Stored { bytes, .. }, true) =
            (&self.sink, self.tail.is_empty())
        {
            self.tail.push(bytes);
        }
        self.tail.finish()
    }
}

/// Passes every complete piece of `begun` to the callback; the first `searched` bytes contain no separator. A piece
/// over the bound ends the command whether or not its separator has been read, so the result does not depend on how
/// reads split the stream.
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
        // A callback may be slow. Once the command is over, pieces that were read before are not passed either.
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

/// Reads into `bytes`, which is empty. Most outputs are short, so it allocates only as much as was read.
fn read_first(end: &OwnedFd, bytes: &mut Vec<u8>, length: NonZeroUsize) -> Result<usize, Errno> {
    let mut few = [0; FEW.get()];
    let few = &mut few[..length.min(FEW).get()];
    let read = uninterrupted(|| nix::unistd::read(end, few))?;
    bytes.extend_from_slice(&few[..read]);
    Ok(read)
}

/// Appends at most `length` bytes to `bytes`.
fn read_into(end: &OwnedFd, bytes: &mut Vec<u8>, length: NonZeroUsize) -> Result<usize, Errno> {
    bytes.try_reserve(length.get()).map_err(|_| Errno::ENOMEM)?;
    let spare = bytes.spare_capacity_mut();
    let read = uninterrupted(|| {
        // SAFETY: the spare capacity is at least `length` bytes, and the kernel only writes to it.
        Errno::result(unsafe { libc::read(end.as_raw_fd(), spare.as_mut_ptr().cast(), length.get()) })
    })? as usize;
    // SAFETY: the kernel has filled the first `read` bytes of the spare capacity.
    unsafe { bytes.set_len(bytes.len() + read) };
    Ok(read)
}

/// Repeats a read that a signal interrupts: EINTR would look like an empty pipe.
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
    // SAFETY: FIONREAD writes one `int`, which lives during the call.
    match Errno::result(unsafe { libc::ioctl(end.as_raw_fd(), libc::FIONREAD, &raw mut there) }) {
        Ok(_) => usize::try_from(there).unwrap_or(0),
        Err(_) => CHUNK.get(),
    }
}

#[cfg(test)]
mod tests;
