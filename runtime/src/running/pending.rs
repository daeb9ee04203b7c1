//! A command whose child waits for the handshake.

use super::child::Child;
use super::daemon::Daemon;
use super::program::Program;
use super::start::{self, StartedPaused};
use crate::error::Error;
use crate::fds::Fds;
use crate::marker::Types;
use crate::mode::{Base, Daemonized, Foreground, Mode, Parts};
use crate::spec::Spec;
use crate::status::{Status, Success};
use crate::stdio::{Stream, Unset};
use std::fmt;
use std::marker::PhantomData;

pub(crate) fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Base>(
    parts: Parts<Out, Err, Held>,
) -> Result<Pending<In, Out, Err, Exit, Running>, Error> {
    let Parts { spec, held, .. } = parts;
    let started = start::pause(&spec, held, Running::IS_DAEMON)?;
    Ok(Pending { spec, started, types: PhantomData })
}

/// A command with a `handshake`. Its child has taken every step but the last, and executes the program when the parent
/// releases it. Dropping this kills and reaps the child. If the parent ends without releasing it, the child exits.
///
/// ```
/// let pending = airtight::command! { "true", handshake }.spawn()?;
/// // … something that needs the process to exist before the program runs …
/// assert!(std::fs::exists(format!("/proc/{}", pending.id()))?);
/// pending.proceed()?.wait()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a pending command is killed when dropped: call `.proceed()`"]
pub struct Pending<
    In: Stream = Unset,
    Out: Stream = Unset,
    Err: Stream = Unset,
    Exit: Status = Success,
    Running: Mode = Foreground,
> {
    spec: Box<Spec>,
    started: StartedPaused,
    types: Types<In, Out, Err, Exit, Running>,
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Running: Mode> Pending<In, Out, Err, Exit, Running> {
    /// The pid of the child. For a daemon, it is the pid of the intermediate process that starts the daemon.
    ///
    /// ```
    /// assert!(airtight::command! { "true", handshake }.spawn()?.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.started.paused.pid().unsigned_abs()
    }

    /// Kills the child (SIGKILL) and reaps it. The program is not executed.
    ///
    /// ```
    /// airtight::command! { "rm", args: ["-rf", "/srv"], handshake }.spawn()?.abort();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn abort(self) {
        drop(self);
    }

    /// A dry run that was entered since the start executes only commands that it has answered itself.
    #[cfg(feature = "dry-run")]
    fn check_dry_run(&self) -> Result<(), Error> {
        if self.started.paused.is_answered() {
            return Ok(());
        }
        crate::dry_run::refuse(&self.spec).map_or(Ok(()), Err)
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status> Pending<In, Out, Err, Exit, Foreground> {
    /// Releases the child, and waits until it has executed the program.
    ///
    /// # Errors
    ///
    /// The last step fails, for example because the program does not exist; the child has died while it waited; or this
    /// thread has entered a dry run since the start.
    ///
    /// ```
    /// assert!(airtight::command! { "/nonexistent", handshake }.spawn()?.proceed().is_err());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn proceed(self) -> Result<Child<In, Out, Err, Exit>, Error> {
        #[cfg(feature = "dry-run")]
        self.check_dry_run()?;
        let Pending { spec, started, .. } = self;
        let StartedPaused { paused, bound, tree, streams, path } = started;
        if bound.is_up() {
            return Err(spec.timed_out());
        }
        match paused.proceed() {
            Ok(process) => Child::new(spec, Program::new(process, bound, tree), streams),
            Err(failure) if failure.is_for_want_of_time() && bound.is_up() => Err(spec.timed_out()),
            Err(failure) => Err(start::step_error(&spec, path, failure)),
        }
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status> Pending<In, Out, Err, Exit, Daemonized> {
    /// Releases the child, and waits until the daemon has executed the program.
    ///
    /// # Errors
    ///
    /// The last step fails, for example because the program does not exist; the child has died while it waited; or this
    /// thread has entered a dry run since the start.
    ///
    /// ```
    /// let daemon = airtight::command! { "true", daemonize, handshake }.spawn()?.proceed()?;
    /// assert!(daemon.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn proceed(self) -> Result<Daemon<In, Out, Err>, Error> {
        #[cfg(feature = "dry-run")]
        self.check_dry_run()?;
        let Pending { spec, started, .. } = self;
        let StartedPaused { paused, streams, path, .. } = started;
        match paused.proceed_daemon() {
            Ok((pid, pidfd)) => Ok(Daemon::new(pid, pidfd, streams)),
            Err(failure) => Err(start::step_error(&spec, path, failure)),
        }
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Running: Mode> fmt::Debug
    for Pending<In, Out, Err, Exit, Running>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pending({}, {})", self.id(), self.spec.command_line())
    }
}
