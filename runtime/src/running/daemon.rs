//! A daemon: a program that this process does not wait for.

use super::start::start_daemon;
use crate::error::{Error, Unwatched};
use crate::fds::Fds;
use crate::mode::Parts;
use crate::plan::streams::Streams;
use crate::spec::Purpose;
use crate::stdio::{Piped, Stream, Unset};
use std::fmt;
use std::io::{PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

pub(crate) fn run<In: Stream, Out: Stream, Err: Stream, Held: Fds>(
    parts: Parts<Out, Err, Held>,
) -> Result<Daemon<In, Out, Err>, Error> {
    let Parts { mut spec, held, .. } = parts;
    // The base may already be a daemon, which the macro could not see.
    spec.refuse_descendants(Unwatched::Daemon);
    let started = start_daemon(&spec, held, Purpose::Alongside)?;
    Ok(Daemon::new(started.pid, started.pidfd, started.streams))
}

/// A running program that was declared `daemonize`. It leads a session of its own, and is not a child of this process.
/// Dropping this value lets it run.
///
/// ```
/// let sleep = airtight::command! { "sleep", args: [60], daemonize }.run()?;
/// assert!(std::fs::exists(format!("/proc/{}", sleep.id()))?);
/// // Any process with permission to signal it can end it, this one included.
/// airtight::command! { "kill", args: [sleep.id()] }.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Daemon<In: Stream = Unset, Out: Stream = Unset, Err: Stream = Unset> {
    pid: i32,
    pidfd: Option<OwnedFd>,
    stdin: In::Writer,
    stdout: Out::Reader,
    stderr: Err::Reader,
}

impl<In: Stream, Out: Stream, Err: Stream> Daemon<In, Out, Err> {
    pub(crate) fn new(pid: i32, pidfd: Option<OwnedFd>, streams: Streams) -> Self {
        let [stdin, stdout, stderr] = streams.ends;
        Daemon { pid, pidfd, stdin: In::writer(stdin), stdout: Out::reader(stdout), stderr: Err::reader(stderr) }
    }

    /// The pid of the daemon. The kernel may reuse it once the daemon has ended; a [`pidfd`](Self::pidfd) always refers
    /// to the daemon.
    ///
    /// ```
    /// assert!(airtight::command! { "true", daemonize }.run()?.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.pid.unsigned_abs()
    }

    /// The pidfd of the daemon. It becomes readable when the daemon ends, and accepts signals. See pidfd_open(2) and
    /// pidfd_send_signal(2). Returns `None` if the kernel does not support pidfds, or if the pidfd could not be passed
    /// to this process.
    ///
    /// ```
    /// let daemon = airtight::command! { "true", daemonize }.run()?;
    /// let _readable_when_it_ends = daemon.pidfd();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    /// Takes the write end of a stdin that was declared `pipe`. Returns `None` if it has already been taken.
    ///
    /// ```
    /// let mut cat = airtight::command! { "cat", stdin: pipe, daemonize }.run()?;
    /// drop(cat.take_stdin()); // the program sees end-of-file and exits
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
    /// let mut pwd = airtight::command! { "pwd", stdout: pipe, daemonize }.run()?;
    /// assert_eq!(std::io::read_to_string(pwd.take_stdout().expect("a pipe"))?, "/\n");
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
    /// let mut ls = airtight::command! { "ls", args: ["/nope"], stderr: pipe, daemonize }.run()?;
    /// assert!(std::io::read_to_string(ls.take_stderr().expect("a pipe"))?.contains("/nope"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn take_stderr(&mut self) -> Option<PipeReader>
    where
        Err: Piped,
    {
        self.stderr.take()
    }
}

impl<In: Stream, Out: Stream, Err: Stream> fmt::Debug for Daemon<In, Out, Err> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Daemon({})", self.pid)
    }
}
