//! How a command runs, as its type says it: in the foreground, or as a daemon.

use crate::command::Command;
use crate::error::{Error, Unwatched};
use crate::fds::Fds;
use crate::running::child::Child;
use crate::running::daemon::Daemon;
use crate::running::output::Output;
use crate::running::pending::Pending;
use crate::status::Status;
use crate::stdio::Stream;
use std::marker::PhantomData;

/// The program is a child of this process, which waits for it. The default.
#[derive(Debug)]
pub enum Foreground {}

/// `daemonize`: the program is a session leader that belongs to nobody.
#[derive(Debug)]
pub enum Daemonized {}

/// `handshake`: before the program is executed, the child waits for the parent's word.
#[derive(Debug)]
pub struct Waiting<Running>(PhantomData<Running>);

mod sealed {
    pub trait Sealed {}
    impl<Running> Sealed for super::Waiting<Running> {}
    impl Sealed for super::Foreground {}
    impl Sealed for super::Daemonized {}
}

/// A way of running. Sealed: see [`Foreground`], [`Daemonized`] and [`Waiting`].
pub trait Mode: sealed::Sealed + Sized {
    /// What `run` returns.
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status>;
    /// What `spawn` returns.
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status>;

    #[doc(hidden)]
    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Self::Ran<In, Out, Err, Exit>, Error>;

    #[doc(hidden)]
    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Self::Spawned<In, Out, Err, Exit>, Error>;
}

impl Mode for Foreground {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Output<Out, Err, Exit>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Child<In, Out, Err, Exit>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Output<Out, Err, Exit>, Error> {
        crate::running::start::run(command)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Child<In, Out, Err, Exit>, Error> {
        crate::running::child::spawn(command)
    }
}

impl Mode for Daemonized {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        crate::running::daemon::run(command)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        crate::running::daemon::run(command)
    }
}

/// A way of running that can wait for the parent's word.
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

impl<Running: Base> Mode for Waiting<Running> {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Pending<In, Out, Err, Exit, Running>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Pending<In, Out, Err, Exit, Running>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Pending<In, Out, Err, Exit, Running>, Error> {
        Self::spawn(command)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        mut command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Pending<In, Out, Err, Exit, Running>, Error> {
        if Running::IS_DAEMON {
            command.spec.refuse_descendants(Unwatched::Daemon);
        }
        crate::running::pending::spawn(command, Running::IS_DAEMON)
    }
}

#[diagnostic::do_not_recommend]
impl<Running: Base> Spawnable for Waiting<Running> {}

/// A way of running in which the program can be started alongside.
#[diagnostic::on_unimplemented(
    message = "a daemon is not spawned",
    label = "a `{Self}` command runs by itself",
    note = "start it with `.run()`, which returns once the program is executed"
)]
pub trait Spawnable: Mode {}

#[diagnostic::do_not_recommend]
impl Spawnable for Foreground {}

/// A way of running in which `run` can be called.
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
