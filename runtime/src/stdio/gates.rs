//! Which kinds of stream go with which way of running: what a method asks for, refused in words of its own.

use super::{BoxedError, Buffer, Direct, Log, Merged, Pieces, Pipe, Stream, Text, Unset};
use crate::mode::{Daemonized, Foreground, Waiting};
use std::io::{PipeReader, PipeWriter};

/// A stream whose content `Output` returns.
#[diagnostic::on_unimplemented(
    message = "this stream was not captured",
    label = "nothing of this stream is returned: it is `{Self}`",
    note = "declare it `buffer` for bytes or `text` for a `str`, as in `stdout: text`"
)]
pub trait Returned: Stream {}

impl Returned for Buffer {}
impl Returned for Text {}

/// A stream of which `Child` holds the other end.
#[diagnostic::on_unimplemented(
    message = "this stream is no pipe",
    label = "the parent holds no end of this stream: it is `{Self}`",
    note = "declare it `pipe`, as in `stdout: pipe`"
)]
pub trait Piped: Stream<Writer = Option<PipeWriter>, Reader = Option<PipeReader>> {}

impl Piped for Pipe {}

/// A stream that `run` (and `background`) can do with, in a mode of running.
///
/// In the foreground everything but a pipe: nobody would hold its other end, and the program would wait for ever. A
/// daemon has nobody who would serve a stream: it can have pipes, and what it uses by itself.
#[diagnostic::on_unimplemented(
    message = "a stream that is `{Self}` cannot be used with `run` or `background` of a `{Mode}` command",
    label = "a `{Mode}` command with a stream that is `{Self}`",
    note = "a pipe needs `.spawn()`: with `run` nobody would hold its other end, and the program would wait for ever",
    note = "a daemon's streams are `pipe`, `file`, `append`, `fd`, `inherit` or `null`: nobody is there to serve others"
)]
pub trait RunWith<Mode>: Stream {}

macro_rules! run_with {
    ($mode:ident: $($kind:ident)*) => {
        $(impl RunWith<$mode> for $kind {})*
    };
}

run_with!(Foreground: Unset Direct Log Buffer Text Merged);
run_with!(Daemonized: Unset Direct Pipe Merged);

impl<F: FnMut(&[u8]) -> Result<(), BoxedError>> RunWith<Foreground> for Pieces<F> {}

/// A command that waits for a word is refused by its mode, not by its streams.
impl<Kind: Alongside, Running> RunWith<Waiting<Running>> for Kind {}

/// A stream of a command that runs alongside the parent: `spawn`.
#[diagnostic::on_unimplemented(
    message = "nobody would serve this stream while the program runs alongside",
    label = "a stream that is `{Self}` needs `run` or `background`",
    note = "declare it `pipe` to serve it yourself, or `file`, `append`, `fd`, `inherit` or `null`"
)]
pub trait Alongside: Stream {}

impl Alongside for Unset {}
impl Alongside for Direct {}
impl Alongside for Pipe {}
impl Alongside for Merged {}

/// A stream of a command that replaces the calling process: `exec`.
#[diagnostic::on_unimplemented(
    message = "nobody would be there to serve this stream after `exec`",
    label = "a stream that is `{Self}` needs another process",
    note = "declare it `inherit`, `file`, `append`, `fd` or `null`"
)]
pub trait Kept: Stream {}

impl Kept for Unset {}
impl Kept for Direct {}
impl Kept for Merged {}
