//! A program that runs by itself.

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
    // Of a base that is a daemon already.
    spec.refuse_descendants(Unwatched::Daemon);
    let started = start_daemon(&spec, held, Purpose::Alongside)?;
    Ok(Daemon::new(started.pid, started.pidfd, started.streams))
}

/// A program that was declared `daemonize` and has been executed: it leads a session of its own and belongs to nobody.
/// Dropped, it runs on.
///
/// ```
/// let sleep = airtight::command! { "sleep", args: [60], daemonize }.run()?;
/// assert!(std::fs::exists(format!("/proc/{}", sleep.id()))?);
/// // It is this process's to end, as it is anybody's who may.
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

    /// The number of the daemon itself. It can be another process's once the daemon has ended: [`pidfd`](Self::pidfd)
    /// cannot.
    ///
    /// ```
    /// assert!(airtight::command! { "true", daemonize }.run()?.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.pid.unsigned_abs()
    }

    /// A descriptor of the process, which becomes readable when it ends and takes signals. See pidfd_open(2),
    /// pidfd_send_signal(2). `None` on a kernel that has none, and where it could not be handed over: a daemon that runs is
    /// returned all the same.
    ///
    /// ```
    /// let daemon = airtight::command! { "true", daemonize }.run()?;
    /// let _readable_when_it_ends = daemon.pidfd();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn pidfd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    /// The parent's end of stdin, which was declared `pipe`; `None` once it was taken.
    ///
    /// ```
    /// let mut cat = airtight::command! { "cat", stdin: pipe, daemonize }.run()?;
    /// drop(cat.take_stdin()); // it ends with its input
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

    /// As [`take_stdout`](Self::take_stdout), of stderr.
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
