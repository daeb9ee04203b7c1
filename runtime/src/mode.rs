//! How a command runs, as its type says it: in the foreground, or as a daemon.

use crate::error::Error;
use crate::fds::Fds;
use crate::spec::Spec;
use crate::status::Status;
use crate::stdio::Stream;

pub use crate::marker::{Daemonized, Foreground, Waiting};

mod sealed {
    pub trait Sealed {}
    impl<Running> Sealed for super::Waiting<Running> {}
    impl Sealed for super::Foreground {}
    impl Sealed for super::Daemonized {}
}

/// A command without its types, as it is handed to the code that runs it.
#[doc(hidden)]
pub struct Parts<Out: Stream, Err: Stream, Held> {
    pub(crate) spec: Box<Spec>,
    pub(crate) held: Held,
    pub(crate) on_stdout: Out::Handler,
    pub(crate) on_stderr: Err::Handler,
}

/// A way of running. Sealed: see [`Foreground`], [`Daemonized`] and [`Waiting`].
pub trait Mode: sealed::Sealed + Sized {
    /// What `run` returns.
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status>;
    /// What `spawn` returns.
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status>;

    #[doc(hidden)]
    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Self::Ran<In, Out, Err, Exit>, Error>;

    #[doc(hidden)]
    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Self::Spawned<In, Out, Err, Exit>, Error>;
}

/// A way of running that can wait for the parent's word.
#[diagnostic::on_unimplemented(
    message = "this command already has a `handshake`",
    label = "`daemonize` or `handshake` cannot be added to a base with a `handshake`",
    note = "remove `handshake` from the base, and write it where the command is run"
)]
#[doc(hidden)]
pub trait Base: Mode {
    const IS_DAEMON: bool;
}

impl Base for Foreground {
    const IS_DAEMON: bool = false;
}

impl Base for Daemonized {
    const IS_DAEMON: bool = true;
}

#[diagnostic::do_not_recommend]
impl<Running: Base> Spawnable for Waiting<Running> {}

/// A way of running in which the program can be started alongside.
#[diagnostic::on_unimplemented(
    message = "a daemon cannot be spawned",
    label = "a `{Self}` command has no `Child` to return",
    note = "start it with `.run()`, which returns after exec"
)]
pub trait Spawnable: Mode {}

#[diagnostic::do_not_recommend]
impl Spawnable for Foreground {}

/// A way of running in which `run` can be called.
#[diagnostic::on_unimplemented(
    message = "a command with a `handshake` must be spawned",
    label = "this command waits for the handshake before exec",
    note = "start it with `.spawn()`, and release it with `.proceed()`"
)]
pub trait AtOnce: Mode {}

#[diagnostic::do_not_recommend]
impl AtOnce for Foreground {}
#[diagnostic::do_not_recommend]
impl AtOnce for Daemonized {}
