//! How a command runs, as its type says it: in the foreground, or as a daemon.

use crate::child::Child;
use crate::command::Command;
use crate::daemon::Daemon;
use crate::error::Error;
use crate::fds::Fds;
use crate::output::Output;
use crate::status::Status;
use crate::stdio::Stream;

/// The program is a child of this process, which waits for it. The default.
#[derive(Debug)]
pub enum Foreground {}

/// `daemonize`: the program is a session leader that belongs to nobody.
#[derive(Debug)]
pub enum Daemonized {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Foreground {}
    impl Sealed for super::Daemonized {}
}

/// A way of running. Sealed: see [`Foreground`] and [`Daemonized`].
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
        crate::run::run(command)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Child<In, Out, Err, Exit>, Error> {
        crate::child::spawn(command)
    }
}

impl Mode for Daemonized {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        crate::daemon::run(command)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        command: Command<In, Out, Err, Exit, Held, Self>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        crate::daemon::run(command)
    }
}

/// A way of running in which the program can be started alongside.
#[diagnostic::on_unimplemented(
    message = "a daemon is not spawned",
    label = "a `{Self}` command runs by itself",
    note = "start it with `.run()`, which returns once the program is executed"
)]
pub trait Spawnable: Mode {}

impl Spawnable for Foreground {}
