//! The mode of a command, as a type: in the foreground, as a daemon, or with a handshake.

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

/// The parts of a command that a mode runs, without most of its types.
#[doc(hidden)]
pub struct Parts<Out: Stream, Err: Stream, Held> {
    pub(crate) spec: Box<Spec>,
    pub(crate) held: Held,
    pub(crate) on_stdout: Out::Handler,
    pub(crate) on_stderr: Err::Handler,
}

/// A mode of a command. This trait is sealed: [`Foreground`], [`Daemonized`] and [`Waiting`] implement it.
pub trait Mode: sealed::Sealed + Sized {
    /// The type that `run` returns.
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status>;
    /// The type that `spawn` returns.
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

/// A mode to which a handshake can be added.
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

/// A mode in which the program can run while this process continues.
#[diagnostic::on_unimplemented(
    message = "a daemon cannot be spawned",
    label = "a `{Self}` command has no `Child` to return",
    note = "start it with `.run()`, which returns after exec"
)]
pub trait Spawnable: Mode {}

#[diagnostic::do_not_recommend]
impl Spawnable for Foreground {}

/// A mode in which `run` can be called.
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
