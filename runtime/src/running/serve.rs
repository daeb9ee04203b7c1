//! Serves the streams of a running child: one loop writes stdin, reads the outputs, and waits for the end.

use super::ending::EndedBy;
use super::program::Program;
use crate::capture::{Feed, Reader};
use crate::log::Lines;
use crate::plan::streams::Streams;
use crate::spawn::{ASKING, Waited};
use crate::spec::{Sink, Spec, Target};
use crate::stdio::HandlePieces;
use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::time::{Duration, Instant};

/// How long a returned stream is waited for after the child has ended, if a leftover holds it open.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a program is polled if the kernel does not signal its end: it is traced, or the grace of its group still
/// runs.
const LOOK: Duration = Duration::from_millis(20);

/// The pause between two tries if poll(2) is refused.
const MOMENT: Duration = Duration::from_millis(1);

/// The streams of one child that are being served.
pub(crate) struct Served<'h> {
    feed: Option<Feed>,
    /// Why the rest of stdin could not be written, unless the child closed it.
    pub(crate) stdin_failed: Option<Errno>,
    pub(crate) stdout: Option<Reader<'h>>,
    pub(crate) stderr: Option<Reader<'h>>,
    /// Becomes readable when the command is to be aborted.
    abort: Option<&'h OwnedFd>,
    is_aborted: bool,
    /// The pidfd is readable, but the program is not to be reaped yet.
    is_kept: bool,
}

impl<'h> Served<'h> {
    /// `pid` is the child's; it is shown in the log.
    pub(crate) fn new(
        spec: &Spec,
        streams: Streams,
        handlers: [Option<&'h mut (dyn HandlePieces + 'h)>; 2],
        pid: i32,
    ) -> Self {
        if !streams.are_served() {
            return Served::nothing();
        }
        let secrets = spec.secrets();
        let listening = crate::log::is_listened_to();
        let Streams { input, ends: [stdin, stdout, stderr], .. } = streams;
        let [on_stdout, on_stderr] = handlers;
        let reader = |name, target: &Target, end: Option<OwnedFd>, handler: Option<&'h mut (dyn HandlePieces + 'h)>| {
            let lines = || listening.then(|| Lines::new(spec.program_text(), pid, name, &secrets));
            end.map(|end| match (&target.sink, handler) {
                (Sink::Pieces, Some(handler)) => Reader::in_pieces(name, end, target.max, handler, &secrets),
                (Sink::FileBuffer, _) => Reader::stored(name, end, target.max, &secrets),
                (Sink::Buffer, _) => Reader::returned(name, end, target.max, &secrets),
                _ => Reader::logged(name, end, lines(), &secrets),
            })
        };
        let stdout = reader("stdout", &spec.stdout, stdout, on_stdout);
        let stderr = reader("stderr", &spec.stderr, stderr, on_stderr);
        let feed = stdin.zip(input).map(|(end, bytes)| Feed::new(end, bytes));
        Served { feed, stdout, stderr, ..Served::nothing() }
    }

    /// Serves no streams, and only waits for the end.
    pub(crate) fn nothing() -> Self {
        Served {
            feed: None,
            stdin_failed: None,
            stdout: None,
            stderr: None,
            abort: None,
            is_aborted: false,
            is_kept: false,
        }
    }

    /// Aborts the command when `abort` becomes readable.
    pub(crate) fn abort_on(&mut self, abort: Option<&'h OwnedFd>) {
        self.abort = abort;
    }

    /// Serves the streams until `program` has ended and each stream is at end-of-file or abandoned. Then passes on the
    /// last pieces. A failure of one stream is stored in its reader; the others are still served, and the child is
    /// waited for.
    pub(crate) fn serve(&mut self, program: &Program) -> Waited {
        let waited = self.serve_until_end(program);
        // Closes stdin, since the child has ended.
        self.feed = None;
        self.serve_leftovers(program);
        self.readers().for_each(|reader| reader.finish(&|| program.is_over()));
        self.end_for_callback(program);
        waited
    }

    fn serve_until_end(&mut self, program: &Program) -> Waited {
        loop {
            if self.is_idle() && program.is_unbounded() {
                return program.wait();
            }
            let until = program.due();
            let may_have_ended = self.turn(program, true, until);
            self.end_for_callback(program);
            let now = Instant::now();
            if may_have_ended || self.is_aborted || until.is_some_and(|due| due <= now) {
                match program.step(now) {
                    Waited::Running => self.is_kept = may_have_ended && program.pidfd().is_some(),
                    end => return end,
                }
            }
        }
    }

    /// Serves the outputs of a program that has ended. If a leftover holds one open, it is waited for: at most a second
    /// from the end, and not beyond the timeout. A logged output is read only as far as it has come.
    fn serve_leftovers(&mut self, program: &Program) {
        let open = self.readers().filter(|reader| reader.is_open());
        open.for_each(|reader| reader.take_what_is_there(&|| program.is_over()));
        if !self.is_open() {
            return;
        }
        let patience = Instant::now() + PATIENCE;
        let deadline = program.deadline().map_or(patience, |deadline| deadline.min(patience));
        while self.is_open() {
            let is_over = program.ended_by().is_some() || self.is_aborted || deadline <= Instant::now();
            self.readers().for_each(|reader| reader.give_up(is_over));
            if self.is_open() {
                self.turn(program, false, Some(deadline));
            }
        }
    }

    /// Ends a program whose callback has failed.
    fn end_for_callback(&mut self, program: &Program) {
        if self.readers().any(|reader| reader.has_failed_callback()) {
            program.end(EndedBy::Callback);
        }
    }

    fn readers(&mut self) -> impl Iterator<Item = &mut Reader<'h>> {
        self.stdout.iter_mut().chain(self.stderr.iter_mut())
    }

    fn is_open(&mut self) -> bool {
        self.readers().any(|reader| reader.is_open())
    }

    /// Whether there is nothing to do but to wait for the end.
    fn is_idle(&mut self) -> bool {
        self.feed.is_none() && !self.is_open() && self.abort.is_none()
    }

    /// Waits until something can be done or `until` is reached, and does it. Returns whether the program, if it `runs`,
    /// may have ended.
    fn turn(&mut self, program: &Program, runs: bool, until: Option<Instant>) -> bool {
        let pidfd = program.pidfd().filter(|_| runs && !self.is_kept);
        let abort = self.abort.filter(|_| !self.is_aborted).map(AsFd::as_fd);
        let feed = self.feed.as_ref().map(Feed::end);
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|reader| reader.as_ref().and_then(Reader::end));
        let asking = match pidfd {
            None if runs && self.is_kept => Some(LOOK),
            None if runs => Some(ASKING),
            _ => None,
        };
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let polled = ready([pidfd, abort, feed, stdout, stderr], left.into_iter().chain(asking).min());
        let [has_ended, is_aborted, takes_more, stdout_says, stderr_says] = match polled {
            Ok(ready) => ready,
            Err(Errno::EINTR) => return false,
            // If poll is refused, every stream is tried; none of them blocks.
            Err(_) => {
                std::thread::sleep(MOMENT);
                [true, false, true, true, true]
            }
        };
        if is_aborted {
            self.is_aborted = true;
            program.end(EndedBy::Abort);
        }
        let fed = self.feed.as_mut().filter(|_| takes_more).map_or(Ok(false), Feed::write);
        if fed != Ok(false) {
            self.feed = None;
            self.stdin_failed = fed.err();
        }
        for (reader, says) in [(&mut self.stdout, stdout_says), (&mut self.stderr, stderr_says)] {
            reader.iter_mut().filter(|_| says).for_each(|reader| reader.read(&|| program.is_over()));
        }
        has_ended || asking.is_some()
    }
}

/// Waits until one of the descriptors is readable (the third: writable), or for `at_most`. poll(2) ignores the negative
/// ones.
fn ready(fds: [Option<BorrowedFd<'_>>; 5], at_most: Option<Duration>) -> Result<[bool; 5], Errno> {
    let events = [libc::POLLIN, libc::POLLIN, libc::POLLOUT, libc::POLLIN, libc::POLLIN];
    let mut polled = [libc::pollfd { fd: -1, events: 0, revents: 0 }; 5];
    for ((polled, fd), events) in polled.iter_mut().zip(fds).zip(events) {
        (polled.fd, polled.events) = (fd.map_or(-1, |fd| fd.as_raw_fd()), events);
    }
    // Rounded up to whole milliseconds: a poll with a timeout of 0 would spin.
    let milliseconds =
        |limit: Duration| limit.saturating_add(Duration::from_micros(999)).as_millis().try_into().unwrap_or(i32::MAX);
    // SAFETY: the pointer and the length are those of the array.
    let ready =
        unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, at_most.map_or(-1, milliseconds)) };
    Errno::result(ready)?;
    Ok(polled.map(|polled| polled.revents != 0))
}
