//! Traits that say which stream kinds a method accepts, each with an error message of its own.

use super::{BoxedError, Buffer, Direct, Log, Merged, Pieces, Pipe, Stream, Text, Unset};
use crate::marker::{Daemonized, Foreground, Waiting};
use std::io::{PipeReader, PipeWriter};

/// A stream whose content `Output` returns.
#[diagnostic::on_unimplemented(
    message = "this stream was not captured",
    label = "this stream is `{Self}`, which returns no output",
    note = "declare it `buffer` for bytes or `text` for a `str`, as in `stdout: text`"
)]
pub trait Returned: Stream {}

#[diagnostic::do_not_recommend]
impl Returned for Buffer {}
#[diagnostic::do_not_recommend]
impl Returned for Text {}

/// A stream whose other end `Child` holds.
#[diagnostic::on_unimplemented(
    message = "this stream is not a pipe",
    label = "this stream is `{Self}`: the parent holds no end of it",
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
    message = "`pipe` cannot be used with `run` or `background`",
    label = "these methods do not return the other end of a pipe, and the program could block forever",
    note = "start it with `.spawn()`, which returns the ends of its pipes, or declare the stream `buffer` or `text`"
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
    message = "this stream of a daemon cannot be served",
    label = "this stream is `{Self}`, and no process is left to serve it",
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
    message = "`spawn` does not serve this stream",
    label = "a `{Self}` stream needs `run` or `background`",
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
    message = "no process is left to serve this stream after `exec`",
    label = "this stream is `{Self}`, and `exec` replaces this process",
    note = "declare it `inherit`, `file`, `append`, `fd` or `null`"
)]
pub trait Kept: Stream {}

#[diagnostic::do_not_recommend]
impl Kept for Unset {}
#[diagnostic::do_not_recommend]
impl Kept for Direct {}
#[diagnostic::do_not_recommend]
impl Kept for Merged {}
