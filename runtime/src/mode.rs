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
    message = "this command waits for a word already",
    label = "`daemonize` or `handshake` comes too late for a base with a `handshake`",
    note = "leave `handshake` out of the base, and write it where the command is run"
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
    message = "a daemon is not spawned",
    label = "a `{Self}` command runs by itself",
    note = "start it with `.run()`, which returns once the program is executed"
)]
pub trait Spawnable: Mode {}

#[diagnostic::do_not_recommend]
impl Spawnable for Foreground {}

/// A mode in which `run` can be called.
#[diagnostic::on_unimplemented(
    message = "a command with a `handshake` is not run at once",
    label = "this command waits for a word before its program is executed",
    note = "start it with `.spawn()`, and say go with `.proceed()`"
)]
pub trait AtOnce: Mode {}

#[diagnostic::do_not_recommend]
impl AtOnce for Foreground {}
#[diagnostic::do_not_recommend]
impl AtOnce for Daemonized {}
