//! A program that runs alongside: `Child`, and `Pid`, which outlives it.

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

/// A program, and the declaration that its errors are told by. Dropped, it is killed and reaped.
struct Running {
    spec: Box<Spec>,
    program: Arc<Program>,
}

impl Running {
    fn new(spec: Box<Spec>, program: Program) -> Result<Running, Error> {
        let running = Running { spec, program: Arc::new(program) };
        // Its time is enforced though nobody waits for it, or it does not run.
        if running.program.needs_care()
            && let Err(source) = care(&running.program)
        {
            let operand = running.spec.program_text();
            return Err(running.spec.error(ErrorKind::Start { step: Step::Thread, operand, source }));
        }
        Ok(running)
    }

    /// The end, as the declaration sees it.
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
        // It is no child of a copy of the process that started it.
        let waited = if self.program.is_own() {
            Served::nothing().serve(&self.program)
        } else {
            self.program.step(Instant::now())
        };
        // A wait that blocks does not end with a process that runs.
        self.concluded::<Exit>(waited)?.ok_or_else(|| self.spec.error(ErrorKind::LostStatus))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.program.close();
    }
}

/// A program that was started by [`spawn`](crate::Command::spawn) and runs alongside. Dropped, it is killed and reaped.
///
/// ```
/// use std::io::{BufRead, BufReader};
/// let mut yes = airtight::command! { "yes", stdout: pipe }.spawn()?;
/// let mut lines = BufReader::new(yes.take_stdout().expect("it was not taken before")).lines();
/// assert_eq!(lines.next().transpose()?.as_deref(), Some("y"));
/// yes.abort();
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use = "a child that is dropped is killed: wait for it, or let it go with `.into_pid()`"]
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

    /// The parent's end of stdin, which was declared `pipe`; `None` once it was taken.
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

    /// The parent's end of stdout, which was declared `pipe`; `None` once it was taken.
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

    /// As [`take_stdout`](Self::take_stdout), of stderr.
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

    /// The number of the process, which is its own until it was waited for.
    ///
    /// ```
    /// let child = airtight::command! { "sleep", args: [60] }.spawn()?;
    /// assert!(child.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.running.program.pid().unsigned_abs()
    }

    /// A descriptor that becomes readable when the process ends, for event loops. See pidfd_open(2). `None` on a kernel
    /// that has none.
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

    /// Waits until the program ends. The ends of pipes that were not taken are closed first: a program that waits for
    /// the end of its input sees it, and one that fills a pipe that nobody reads is not waited for in vain. A declared
    /// `timeout` counts from the start, and ends the program though nobody waits for it.
    ///
    /// # Errors
    ///
    /// An ending that was not declared as success, or a status that somebody else took.
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

    /// Whether the program has ended: `None` while it runs.
    ///
    /// # Errors
    ///
    /// As [`wait`](Self::wait).
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

    /// Lets the program go on without this value: what is left is a [`Pid`]. Pipes that were not taken are closed.
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

/// A process that outlives its [`Child`], as a server does that is to run on when whoever started it has returned.
/// Dropped, it is left running: when it ends, it stays a zombie until this process ends too, unless it has a `timeout` or
/// `descendants: kill`, which are enforced as before.
#[must_use = "a process that nobody waits for becomes a zombie: keep its pid"]
pub struct Pid<Exit: Status = crate::status::Success> {
    /// There until it is waited for or dropped.
    running: Option<Running>,
    exit: PhantomData<fn() -> PhantomData<Exit>>,
}

impl<Exit: Status> Pid<Exit> {
    /// The number of the process.
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

    /// As [`Child::pidfd`].
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

    /// As [`Child::wait`].
    ///
    /// # Errors
    ///
    /// As [`Child::wait`].
    ///
    /// ```
    /// let pid = airtight::command! { "false", status: code }.spawn()?.into_pid();
    /// assert_eq!(pid.wait()?, 1);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn wait(mut self) -> Result<Exit::Value, Error> {
        match self.running.take() {
            Some(running) => running.wait::<Exit>(),
            // It is taken by what uses the value up, and by nothing else.
            None => Err(Spec::new().error(ErrorKind::LostStatus)),
        }
    }

    /// As [`Child::abort`].
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
