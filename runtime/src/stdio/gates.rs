//! Traits that say which stream kinds a method accepts, each with an error message of its own.

use super::{BoxedError, Buffer, Direct, Log, Merged, Pieces, Pipe, Stream, Text, Unset};
use crate::marker::{Daemonized, Foreground, Waiting};
use std::io::{PipeReader, PipeWriter};

/// A stream whose content `Output` returns.
#[diagnostic::on_unimplemented(
    message = "this stream was not captured",
    label = "nothing of this stream is returned: it is `{Self}`",
    note = "declare it `buffer` for bytes or `text` for a `str`, as in `stdout: text`"
)]
pub trait Returned: Stream {}

#[diagnostic::do_not_recommend]
impl Returned for Buffer {}
#[diagnostic::do_not_recommend]
impl Returned for Text {}

/// A stream whose other end `Child` holds.
#[diagnostic::on_unimplemented(
    message = "this stream is no pipe",
    label = "the parent holds no end of this stream: it is `{Self}`",
    note = "declare it `pipe`, as in `stdout: pipe`"
)]
pub trait Piped: Stream<Writer = Option<PipeWriter>, Reader = Option<PipeReader>> {}

#[diagnostic::do_not_recommend]
impl Piped for Pipe {}

/// A stream that [`Run`](crate::Run) accepts in a mode: [`Served`] in the foreground, [`Unattended`] for a daemon.
pub trait RunWith<Mode>: Stream {}

impl<Kind: Served> RunWith<Foreground> for Kind {}
impl<Kind: Unattended> RunWith<Daemonized> for Kind {}

/// A stream of a command that is run and waited for: every kind but a pipe.
#[diagnostic::on_unimplemented(
    message = "a pipe together with `run` or `background`",
    label = "nobody would hold the other end of this command's pipe, and the program would wait for ever",
    note = "start it with `.spawn()`, which hands its pipes over, or declare the stream `buffer` or `text`"
)]
pub trait Served: Stream {}

#[diagnostic::do_not_recommend]
impl Served for Unset {}
#[diagnostic::do_not_recommend]
impl Served for Direct {}
#[diagnostic::do_not_recommend]
impl Served for Log {}
#[diagnostic::do_not_recommend]
impl Served for Buffer {}
#[diagnostic::do_not_recommend]
impl Served for Text {}
#[diagnostic::do_not_recommend]
impl Served for Merged {}
#[diagnostic::do_not_recommend]
impl<F: FnMut(&[u8]) -> Result<(), BoxedError>> Served for Pieces<F> {}

/// A stream of a daemon, which no thread serves: a pipe, or a kind that the program uses by itself.
#[diagnostic::on_unimplemented(
    message = "nobody would serve this stream of a daemon",
    label = "a daemon with a stream that is `{Self}`",
    note = "declare it `pipe` to serve it yourself, or `file`, `append`, `fd`, `inherit` or `null`"
)]
pub trait Unattended: Stream {}

#[diagnostic::do_not_recommend]
impl Unattended for Unset {}
#[diagnostic::do_not_recommend]
impl Unattended for Direct {}
#[diagnostic::do_not_recommend]
impl Unattended for Pipe {}
#[diagnostic::do_not_recommend]
impl Unattended for Merged {}

/// A command with a handshake is rejected because of its mode, not because of its streams.
impl<Kind: Alongside, Running> RunWith<Waiting<Running>> for Kind {}

/// A stream of a command that runs while the parent continues (`spawn`).
#[diagnostic::on_unimplemented(
    message = "nobody would serve this stream while the program runs alongside",
    label = "a stream that is `{Self}` needs `run` or `background`",
    note = "declare it `pipe` to serve it yourself, or `file`, `append`, `fd`, `inherit` or `null`"
)]
pub trait Alongside: Stream {}

#[diagnostic::do_not_recommend]
impl Alongside for Unset {}
#[diagnostic::do_not_recommend]
impl Alongside for Direct {}
#[diagnostic::do_not_recommend]
impl Alongside for Pipe {}
#[diagnostic::do_not_recommend]
impl Alongside for Merged {}

/// A stream of a command that replaces the calling process (`exec`).
#[diagnostic::on_unimplemented(
    message = "nobody would be there to serve this stream after `exec`",
    label = "a stream that is `{Self}` needs another process",
    note = "declare it `inherit`, `file`, `append`, `fd` or `null`"
)]
pub trait Kept: Stream {}

#[diagnostic::do_not_recommend]
impl Kept for Unset {}
#[diagnostic::do_not_recommend]
impl Kept for Direct {}
#[diagnostic::do_not_recommend]
impl Kept for Merged {}
