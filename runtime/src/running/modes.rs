//! `run` and `spawn` of each mode.

use super::child::{self, Child};
use super::daemon::{self, Daemon};
use super::output::Output;
use super::pending::{self, Pending};
use super::run;
use crate::error::{Error, Unwatched};
use crate::fds::Fds;
use crate::mode::{Base, Daemonized, Foreground, Mode, Parts, Waiting};
use crate::status::Status;
use crate::stdio::Stream;

impl Mode for Foreground {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Output<Out, Err, Exit>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Child<In, Out, Err, Exit>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Output<Out, Err, Exit>, Error> {
        run::run(parts)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Child<In, Out, Err, Exit>, Error> {
        child::spawn(parts)
    }
}

impl Mode for Daemonized {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Daemon<In, Out, Err>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        daemon::run(parts)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Daemon<In, Out, Err>, Error> {
        daemon::run(parts)
    }
}

impl<Running: Base> Mode for Waiting<Running> {
    type Ran<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Pending<In, Out, Err, Exit, Running>;
    type Spawned<In: Stream, Out: Stream, Err: Stream, Exit: Status> = Pending<In, Out, Err, Exit, Running>;

    fn run<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        parts: Parts<Out, Err, Held>,
    ) -> Result<Pending<In, Out, Err, Exit, Running>, Error> {
        Self::spawn::<In, Out, Err, Exit, Held>(parts)
    }

    fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
        mut parts: Parts<Out, Err, Held>,
    ) -> Result<Pending<In, Out, Err, Exit, Running>, Error> {
        if Running::IS_DAEMON {
            parts.spec.refuse_descendants(Unwatched::Daemon);
        }
        pending::spawn(parts)
    }
}
