//! The kinds of streams, as type parameters of [`Command`](crate::Command).
//!
//! The type of a command names the kinds of its three streams, so that invalid uses are rejected at compile time. For
//! example, `Output::stdout` exists only if the command declares `stdout: buffer` or `stdout: text`.

mod bytes;
mod gates;
mod mistaken;

pub use bytes::Bytes;
pub use gates::{Alongside, Kept, Piped, Returned, RunWith, Served, Unattended};
#[doc(hidden)]
pub use mistaken::Mistaken;

use std::io::{PipeReader, PipeWriter};
use std::marker::PhantomData;
use std::os::fd::OwnedFd;
use std::str::Utf8Error;

/// A stream that is not declared. With `run`, stdin is `/dev/null`, and an output is treated as [`Log`].
#[derive(Debug)]
pub enum Unset {}

/// `null`, `inherit`, `file(path)`, `append(path)`, `fd(f)`: the child uses the stream by itself, and no bytes of it
/// are returned.
#[derive(Debug)]
pub enum Direct {}

/// `log`: each line goes to the log.
#[derive(Debug)]
pub enum Log {}

/// `buffer`: bytes that are written to stdin, or returned from an output.
#[derive(Debug)]
pub enum Buffer {}

/// `text`: an output that is returned as UTF-8.
#[derive(Debug)]
pub enum Text {}

/// `stderr: stdout`: stderr goes to the same place as stdout.
#[derive(Debug)]
pub enum Merged {}

/// `pipe`: the parent holds the other end while the program runs.
#[derive(Debug)]
pub enum Pipe {}

/// `lines(f)`, `lines(f, strict)` and `split(byte, f)`: `f` is called with each piece while the program runs.
pub struct Pieces<F>(PhantomData<fn(F)>);

mod sealed {
    pub trait Sealed {}
}

/// A stream kind. This trait is sealed: the types of this module implement it.
pub trait Stream: sealed::Sealed {
    /// The value of the stream that `Output` owns.
    type Captured: Send + 'static;
    /// The form in which `Output` lends it.
    type View: ?Sized;
    /// The callback of the stream.
    type Handler;
    /// The value that `Child` holds for the stream if it is stdin.
    type Writer: Send + 'static;
    /// The value that `Child` holds for the stream if it is an output.
    type Reader: Send + 'static;

    #[doc(hidden)]
    fn captured(bytes: Vec<u8>) -> Result<Self::Captured, (Vec<u8>, Utf8Error)>;
    #[doc(hidden)]
    fn view(captured: &Self::Captured) -> &Self::View;
    #[doc(hidden)]
    fn into_bytes(captured: Self::Captured) -> Vec<u8>;
    /// The captured bytes, if the kind captures any.
    #[doc(hidden)]
    fn bytes(captured: &Self::Captured) -> Option<&[u8]>;
    #[doc(hidden)]
    fn pieces(handler: &mut Self::Handler) -> Option<&mut dyn HandlePieces>;
    #[doc(hidden)]
    fn writer(end: Option<OwnedFd>) -> Self::Writer;
    #[doc(hidden)]
    fn reader(end: Option<OwnedFd>) -> Self::Reader;
}

/// The error of a callback, of any type.
pub(crate) type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// Receives a stream piece by piece.
#[doc(hidden)]
pub trait HandlePieces {
    fn separator(&self) -> u8;
    /// Whether to wait if a leftover holds the stream open.
    fn is_patient(&self) -> bool;
    fn piece(&mut self, piece: &[u8]) -> Result<(), BoxedError>;
}

/// The callback of [`Pieces`].
#[doc(hidden)]
#[derive(Clone)]
pub struct PieceHandler<F> {
    pub(crate) separator: u8,
    pub(crate) patient: bool,
    /// Set if pieces are lines, which may also end with a carriage return.
    pub(crate) is_text: bool,
    pub(crate) call: F,
}

impl<F: FnMut(&[u8]) -> Result<(), BoxedError>> PieceHandler<F> {
    /// Calls `call` with each line, without its `
    /// ` or `\r
    /// `.
    pub(crate) fn of_lines(call: F) -> PieceHandler<F> {
        PieceHandler { separator: b'\n', patient: false, is_text: true, call }
    }
}

impl<F: FnMut(&[u8]) -> Result<(), BoxedError>> HandlePieces for PieceHandler<F> {
    fn separator(&self) -> u8 {
        self.separator
    }

    fn is_patient(&self) -> bool {
        self.patient
    }

    fn piece(&mut self, piece: &[u8]) -> Result<(), BoxedError> {
        let line = if self.is_text { piece.strip_suffix(b"\r") } else { None };
        (self.call)(line.unwrap_or(piece))
    }
}

/// The parent holds an end only of a pipe; all other kinds use this.
macro_rules! holds_nothing {
    () => {
        type Writer = ();
        type Reader = ();

        fn writer(_: Option<OwnedFd>) {}

        fn reader(_: Option<OwnedFd>) {}
    };
}

/// Only `lines` and `split` have a callback; all other kinds use this.
macro_rules! calls_nothing {
    () => {
        type Handler = ();

        fn pieces((): &mut ()) -> Option<&mut dyn HandlePieces> {
            None
        }
    };
}

/// Only `buffer` and `text` return bytes; all other kinds use this.
macro_rules! returns_nothing {
    () => {
        type Captured = ();
        type View = ();

        fn captured(_: Vec<u8>) -> Result<(), (Vec<u8>, Utf8Error)> {
            Ok(())
        }

        fn view(captured: &()) -> &() {
            captured
        }

        fn into_bytes((): ()) -> Vec<u8> {
            Vec::new()
        }

        fn bytes((): &()) -> Option<&[u8]> {
            None
        }
    };
}

macro_rules! plain_kinds {
    ($($kind:ident)*) => {$(
        impl sealed::Sealed for $kind {}
        impl Stream for $kind {
            returns_nothing!();
            calls_nothing!();
            holds_nothing!();
        }
    )*};
}

plain_kinds!(Unset Direct Log Merged);

impl sealed::Sealed for Buffer {}

impl Stream for Buffer {
    type Captured = Vec<u8>;
    type View = [u8];
    calls_nothing!();
    holds_nothing!();

    fn captured(bytes: Vec<u8>) -> Result<Vec<u8>, (Vec<u8>, Utf8Error)> {
        Ok(bytes)
    }

    fn view(captured: &Vec<u8>) -> &[u8] {
        captured
    }

    fn into_bytes(captured: Vec<u8>) -> Vec<u8> {
        captured
    }

    fn bytes(captured: &Vec<u8>) -> Option<&[u8]> {
        Some(captured)
    }
}

impl sealed::Sealed for Text {}

impl Stream for Text {
    type Captured = String;
    type View = str;
    calls_nothing!();
    holds_nothing!();

    fn captured(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Utf8Error)> {
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error();
            (error.into_bytes(), at)
        })
    }

    fn view(captured: &String) -> &str {
        captured
    }

    fn into_bytes(captured: String) -> Vec<u8> {
        captured.into_bytes()
    }

    fn bytes(captured: &String) -> Option<&[u8]> {
        Some(captured.as_bytes())
    }
}

impl<F> sealed::Sealed for Pieces<F> {}

impl<F: FnMut(&[u8]) -> Result<(), BoxedError>> Stream for Pieces<F> {
    type Handler = PieceHandler<F>;
    returns_nothing!();
    holds_nothing!();

    fn pieces(handler: &mut PieceHandler<F>) -> Option<&mut dyn HandlePieces> {
        Some(handler)
    }
}

impl sealed::Sealed for Pipe {}

impl Stream for Pipe {
    type Writer = Option<PipeWriter>;
    type Reader = Option<PipeReader>;
    returns_nothing!();
    calls_nothing!();

    fn writer(end: Option<OwnedFd>) -> Option<PipeWriter> {
        end.map(PipeWriter::from)
    }

    fn reader(end: Option<OwnedFd>) -> Option<PipeReader> {
        end.map(PipeReader::from)
    }
}
