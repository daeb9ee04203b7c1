//! A program that runs while this process continues: `Child`, and `Pid`, which outlives a `Child`.

use super::care::care;
use super::ending::EndedBy;
use super::program::Program;
use super::serve::Served;
use super::start::start;
use crate::error::{Error, ErrorKind, Step};
use crate::fds::Fds;
use crate::mode::Parts;
use crate::plan::streams::Streams;
use crate::spawn::Waited;
use crate::spec::{Purpose, Spec};
use crate::status::Status;
use crate::stdio::{Piped, Stream, Unset};
use std::fmt;
use std::io::{PipeReader, PipeWriter};
use std::marker::PhantomData;
use std::os::fd::BorrowedFd;
use std::sync::Arc;
use std::time::Instant;

pub(super) fn spawn<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    parts: Parts<Out, Err, Held>,
) -> Result<Child<In, Out, Err, Exit>, Error> {
    let Parts { spec, held, .. } = parts;
    let started = start(&spec, held, Purpose::Alongside)?;
    Child::new(spec, started.program, started.streams)
}

/// A program with its declaration, which its errors show. Dropping it kills and reaps the program.
struct Running {
    spec: Box<Spec>,
    program: Arc<Program>,
}

impl Running {
    fn new(spec: Box<Spec>, program: Program) -> Result<Running, Error> {
        let running = Running { spec, program: Arc::new(program) };
        // The timeout must be enforced even if no thread waits. If that is impossible, the program is killed.
        if running.program.needs_care()
            && let Err(source) = care(&running.program)
        {
            let operand = running.spec.program_text();
            return Err(running.spec.error(ErrorKind::Start { step: Step::Thread, operand, source }));
        }
        Ok(running)
    }

    /// Judges the end of the program by its declaration.
    fn concluded<Exit: Status>(&self, waited: Waited) -> Result<Option<Exit::Value>, Error> {
        match waited {
            Waited::Running => Ok(None),
            Waited::Lost if !self.program.is_own() => Err(self.spec.error(ErrorKind::LostStatus)),
            Waited::StillRunning(id) => Err(self.spec.error(ErrorKind::StillRunning { id })),
            Waited::Ended(status) if self.is_timed_out() => Err(self.spec.timed_out().with_status(status)),
            Waited::Lost if self.is_timed_out() => Err(self.spec.timed_out()),
            Waited::Ended(status) if self.spec.accepted.accepts(status) => Ok(Some(Exit::value(status))),
            Waited::Ended(status) => Err(self.spec.error(ErrorKind::Exit { status })),
            Waited::Lost => Err(self.spec.error(ErrorKind::LostStatus)),
        }
    }

    fn is_timed_out(&self) -> bool {
        self.program.ended_by() == Some(EndedBy::Timeout)
    }

    fn wait<Exit: Status>(&self) -> Result<Exit::Value, Error> {
        // In a fork of the process that started it, the program is not a child to wait for.
        let waited = if self.program.is_own() {
            Served::nothing().serve(&self.program)
        } else {
            self.program.step(Instant::now())
        };
        // A blocking wait never returns `Waited::Running`.
        self.concluded::<Exit>(waited)?.ok_or_else(|| self.spec.error(ErrorKind::LostStatus))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.program.close();
    }
}

/// A program that [`spawn`](crate::Command::spawn) started, and that runs while this process continues. Dropping it
/// kills and reaps the program.
///
/// ```
/// use std::io::{BufRead, BufReader};
/// let mut yes = airtight::command! { "yes", stdout: pipe }.spawn()?;
/// let mut lines = BufReader::new(yes.take_stdout().expect("it was not taken before")).lines();
/// assert_eq!(lines.next().transpose()?.as_deref(), Some("y"));
/// yes.abort();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a child that is dropped is killed: wait for it, or detach it with `.into_pid()`"]
pub struct Child<In: Stream = Unset, Out: Stream = Unset, Err: Stream = Unset, Exit: Status = crate::status::Success> {
    stdin: In::Writer,
    stdout: Out::Reader,
    stderr: Err::Reader,
    running: Running,
    exit: PhantomData<fn() -> PhantomData<Exit>>,
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status> Child<In, Out, Err, Exit> {
    pub(crate) fn new(spec: Box<Spec>, program: Program, streams: Streams) -> Result<Self, Error> {
        let [stdin, stdout, stderr] = streams.ends;
        Ok(Child {
            stdin: In::writer(stdin),
            stdout: Out::reader(stdout),
            stderr: Err::reader(stderr),
            running: Running::new(spec, program)?,
            exit: PhantomData,
        })
    }

    /// Takes the write end of a stdin that was declared `pipe`. Returns `None` if it has already been taken.
    ///
    /// ```
    /// let mut cat = airtight::command! { "cat", stdin: pipe }.spawn()?;
    /// drop(cat.take_stdin()); // its end: the program sees it
    /// assert!(cat.take_stdin().is_none());
    /// cat.wait()?;
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn take_stdin(&mut self) -> Option<PipeWriter>
    where
        In: Piped,
    {
        self.stdin.take()
    }

    /// Takes the read end of a stdout that was declared `pipe`. Returns `None` if it has already been taken.
    ///
    /// ```
    /// let mut echo = airtight::command! { "echo", args: ["x"], stdout: pipe }.spawn()?;
    /// let text = std::io::read_to_string(echo.take_stdout().expect("a pipe"))?;
    /// echo.wait()?;
    /// assert_eq!(text, "x\n");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_stdout(&mut self) -> Option<PipeReader>
    where
        Out: Piped,
    {
        self.stdout.take()
    }

    /// Takes the read end of a stderr that was declared `pipe`. Returns `None` if it has already been taken.
    ///
    /// ```
    /// let mut ls = airtight::command! { "ls", args: ["/nope"], stderr: pipe, status: code }.spawn()?;
    /// let text = std::io::read_to_string(ls.take_stderr().expect("a pipe"))?;
    /// assert!(text.contains("/nope") && ls.wait()? == 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_stderr(&mut self) -> Option<PipeReader>
    where
        Err: Piped,
    {
        self.stderr.take()
    }

    /// The pid of the program. The kernel does not reuse it until the program has been waited for.
    ///
    /// ```
    /// let child = airtight::command! { "sleep", args: [60] }.spawn()?;
    /// assert!(child.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.running.program.pid().unsigned_abs()
    }

    /// The pidfd of the program, which becomes readable when the program ends, for use in an event loop. See
    /// pidfd_open(2). Returns `None` if the kernel does not support pidfds.
    ///
    /// ```
    /// let child = airtight::command! { "true" }.spawn()?;
    /// let _readable_when_it_ends = child.pidfd();
    /// child.wait()?;
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.running.program.pidfd()
    }

    /// Waits until the program ends. First closes the ends of pipes that were not taken: a program that reads its stdin
    /// sees end-of-file, and one that fills a pipe does not block for ever. A declared `timeout` counts from the start,
    /// and ends the program even if this is not called.
    ///
    /// # Errors
    ///
    /// The program did not end as declared, or another waiter has taken its status.
    ///
    /// ```
    /// let test = airtight::command! { "test", args: ["-d", "/"], status: code }.spawn()?;
    /// assert_eq!(test.wait()?, 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn wait(self) -> Result<Exit::Value, Error> {
        let Child { stdin, stdout, stderr, running, .. } = self;
        drop((stdin, stdout, stderr));
        running.wait::<Exit>()
    }

    /// Returns the status if the program has ended, and `None` while it runs.
    ///
    /// # Errors
    ///
    /// Those of [`wait`](Self::wait).
    ///
    /// ```
    /// let mut sleep = airtight::command! { "sleep", args: [60] }.spawn()?;
    /// assert!(sleep.try_wait()?.is_none());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn try_wait(&mut self) -> Result<Option<Exit::Value>, Error> {
        let waited = self.running.program.step(Instant::now());
        self.running.concluded::<Exit>(waited)
    }

    /// Kills the program (SIGKILL) and reaps it.
    ///
    /// ```
    /// airtight::command! { "sleep", args: [60] }.spawn()?.abort();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn abort(self) {
        drop(self);
    }

    /// Detaches the program from this value, so that it runs on. Returns its [`Pid`]. Closes the ends of pipes that
    /// were not taken.
    ///
    /// ```
    /// let pid = airtight::command! { "true" }.spawn()?.into_pid();
    /// pid.wait()?;
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn into_pid(self) -> Pid<Exit> {
        Pid { running: Some(self.running), exit: PhantomData }
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status> fmt::Debug for Child<In, Out, Err, Exit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Child({}, {})", self.id(), self.running.spec.command_line())
    }
}

/// A program that runs on without a [`Child`], such as a server that outlives the function that started it. Dropping
/// this lets the program run. When it ends, it stays a zombie until this process ends, unless it has a `timeout` or
/// `descendants: kill`: these are still enforced, and then it is reaped.
#[must_use = "a process that is not waited for becomes a zombie: keep its `Pid`"]
pub struct Pid<Exit: Status = crate::status::Success> {
    /// `None` only while the value is being consumed or dropped.
    running: Option<Running>,
    exit: PhantomData<fn() -> PhantomData<Exit>>,
}

impl<Exit: Status> Pid<Exit> {
    /// The pid of the program.
    ///
    /// ```
    /// let pid = airtight::command! { "sleep", args: [60] }.spawn()?.into_pid();
    /// assert!(pid.id() > 0);
    /// pid.abort();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.running.as_ref().map_or(0, |running| running.program.pid().unsigned_abs())
    }

    /// The pidfd of the program, as [`Child::pidfd`].
    ///
    /// ```
    /// let pid = airtight::command! { "true" }.spawn()?.into_pid();
    /// let _readable_when_it_ends = pid.pidfd();
    /// pid.wait()?;
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.running.as_ref()?.program.pidfd()
    }

    /// Waits until the program ends, as [`Child::wait`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Child::wait`].
    ///
    /// ```
    /// let pid = airtight::command! { "false", status: code }.spawn()?.into_pid();
    /// assert_eq!(pid.wait()?, 1);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn wait(mut self) -> Result<Exit::Value, Error> {
        match self.running.take() {
            Some(running) => running.wait::<Exit>(),
            // Only methods that consume the value take it.
            None => Err(Spec::new().error(ErrorKind::LostStatus)),
        }
    }

    /// Kills the program (SIGKILL) and reaps it.
    ///
    /// ```
    /// airtight::command! { "sleep", args: [60] }.spawn()?.into_pid().abort();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn abort(mut self) {
        drop(self.running.take());
    }
}

impl<Exit: Status> Drop for Pid<Exit> {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            running.program.leave();
        }
    }
}

impl<Exit: Status> fmt::Debug for Pid<Exit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pid({})", self.id())
    }
}
