//! Serving the streams of a running child: one loop that feeds, drains and waits.

mod feed;
mod file;
mod memory;
mod reader;
mod tail;
mod timer;
mod width;

pub(crate) use feed::{Feed, write_quietly};
pub(crate) use reader::{Reader, Trouble};

use crate::log::Lines;
use crate::plan::streams::Streams;
use crate::spawn::{Process, Waited};
use crate::spec::{Sink, Spec, Target};
use crate::stdio::HandlePieces;
use nix::errno::Errno;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::rc::Rc;
use std::time::{Duration, Instant};
pub(crate) use timer::Timer;

/// How long a stream that is returned is waited for after its last byte, when the child has ended.
const PATIENCE: Duration = Duration::from_secs(1);
/// How often a child without a pidfd is asked whether it has ended.
const ASKING: Duration = Duration::from_millis(5);

/// The streams of one child, until they are at their end.
pub(crate) struct Served<'h> {
    feed: Option<Feed>,
    pub(crate) stdout: Option<Reader<'h>>,
    pub(crate) stderr: Option<Reader<'h>>,
    timer: Option<Timer>,
    /// Becomes readable when the command is to be given up.
    abort: Option<&'h OwnedFd>,
    ended_by: Option<EndedBy>,
}

/// Why this process ended the program before its time.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum EndedBy {
    Callback,
    Timeout,
    Abort,
}

impl<'h> Served<'h> {
    /// `pid` is the child's, for the log.
    pub(crate) fn new(
        spec: &Spec,
        streams: Streams,
        handlers: [Option<&'h mut (dyn HandlePieces + 'h)>; 2],
        pid: i32,
    ) -> Self {
        let timer = spec.timeout.map(|timeout| Timer::new(timeout, Instant::now()));
        if !streams.are_served() {
            return Served::timed(timer);
        }
        let secrets = Rc::new(spec.secrets());
        let listening = crate::log::is_listened_to();
        let Streams { input, ends: [stdin, stdout, stderr], .. } = streams;
        let [on_stdout, on_stderr] = handlers;
        let reader = |name, target: &Target, end: Option<OwnedFd>, handler: Option<&'h mut (dyn HandlePieces + 'h)>| {
            let lines = || listening.then(|| Lines::new(spec.program_text(), pid, name, Rc::clone(&secrets)));
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
        Served { feed, stdout, stderr, timer, abort: None, ended_by: None }
    }

    /// No streams, but a time that is up some day.
    pub(crate) fn timed(timer: Option<Timer>) -> Self {
        Served { feed: None, stdout: None, stderr: None, timer, abort: None, ended_by: None }
    }

    /// Gives the command up when `abort` becomes readable.
    pub(crate) fn abort_on(&mut self, abort: Option<&'h OwnedFd>) {
        self.abort = abort;
    }

    /// Why this process ended the program before its time, if it did.
    pub(crate) fn ended_by(&self) -> Option<EndedBy> {
        self.ended_by
    }

    /// As [`serve_until_end`](Self::serve_until_end), and hands out what is left.
    pub(crate) fn serve(&mut self, process: &mut Process) -> Waited {
        let waited = self.serve_until_end(process);
        self.readers().for_each(Reader::finish);
        waited
    }

    /// Serves the streams until `process` has ended and each of them is at its end or given up. Trouble with a stream
    /// is kept by it: the others are served, and the child is waited for.
    fn serve_until_end(&mut self, process: &mut Process) -> Waited {
        let mut ended: Option<(Waited, Instant)> = None;
        loop {
            let Some((_, since)) = &ended else {
                if self.is_idle() {
                    return process.wait();
                }
                let due = self.timer.as_ref().and_then(Timer::due);
                let may_have_ended =
                    self.turn(process, true, due.map(|due| due.saturating_duration_since(Instant::now())));
                self.end_early(process);
                match may_have_ended.then(|| process.try_wait()) {
                    None | Some(Waited::Running) => {}
                    Some(end) => {
                        // Nobody is left to be fed; what was logged is taken as far as it came.
                        self.feed = None;
                        ended = Some((end, Instant::now()));
                        self.readers().filter(|reader| reader.is_open()).for_each(Reader::take_what_is_there);
                    }
                }
                continue;
            };
            let since = *since;
            let now = Instant::now();
            self.readers().for_each(|reader| reader.give_up(now, since, PATIENCE));
            let deadline = self.readers().filter_map(|reader| reader.deadline(since, PATIENCE)).min();
            match (deadline, ended.take()) {
                (Some(deadline), still) => {
                    ended = still;
                    self.turn(process, false, Some(deadline.saturating_duration_since(now)));
                }
                (None, Some((end, _))) => return end,
                (None, None) => return process.wait(),
            }
        }
    }

    /// Ends a program whose time is up, or whose output nobody takes any more.
    fn end_early(&mut self, process: &Process) {
        if let Some(signal) = self.timer.as_mut().and_then(|timer| timer.signal(Instant::now())) {
            process.signal_all(signal);
            self.ended_by.get_or_insert(EndedBy::Timeout);
        }
        if self.ended_by.is_none() && self.readers().any(|reader| reader.has_failed_callback()) {
            process.kill();
            self.ended_by = Some(EndedBy::Callback);
        }
    }

    fn readers(&mut self) -> impl Iterator<Item = &mut Reader<'h>> {
        self.stdout.iter_mut().chain(self.stderr.iter_mut())
    }

    /// Nothing is left but to wait.
    fn is_idle(&mut self) -> bool {
        let open = self.feed.is_some() || self.readers().any(|reader| reader.is_open());
        !open && self.timer.is_none() && self.abort.is_none()
    }

    /// Waits until something can be done, and does it. Whether the process may have ended.
    fn turn(&mut self, process: &Process, running: bool, at_most: Option<Duration>) -> bool {
        let pidfd = process.pidfd().filter(|_| running);
        let abort = self.abort.filter(|_| running && self.ended_by.is_none()).map(AsFd::as_fd);
        let feed = self.feed.as_ref().map(Feed::end);
        let [stdout, stderr] = [&self.stdout, &self.stderr].map(|reader| reader.as_ref().and_then(Reader::end));
        let asking = (running && pidfd.is_none()).then_some(ASKING);
        let polled = ready([pidfd, abort, feed, stdout, stderr], at_most.into_iter().chain(asking).min());
        let [has_ended, is_aborted, takes_more, stdout_says, stderr_says] = match polled {
            Ok(ready) => ready,
            Err(Errno::EINTR) => return true,
            // Without poll, every stream is tried: none of them blocks.
            Err(_) => [true, false, true, true, true],
        };
        let may_have_ended = has_ended || pidfd.is_none();
        if is_aborted {
            process.kill();
            self.ended_by = Some(EndedBy::Abort);
        }
        if takes_more && self.feed.as_mut().is_some_and(Feed::write) {
            self.feed = None;
        }
        for (reader, says) in [(&mut self.stdout, stdout_says), (&mut self.stderr, stderr_says)] {
            reader.iter_mut().filter(|_| says).for_each(Reader::read);
        }
        may_have_ended
    }
}

/// Waits until one of these can be read from, or written to if it is the third, or until the time is up. See poll(2): a
/// negative number is passed over.
fn ready(fds: [Option<BorrowedFd<'_>>; 5], at_most: Option<Duration>) -> Result<[bool; 5], Errno> {
    let events = [libc::POLLIN, libc::POLLIN, libc::POLLOUT, libc::POLLIN, libc::POLLIN];
    let mut polled = [libc::pollfd { fd: -1, events: 0, revents: 0 }; 5];
    for ((polled, fd), events) in polled.iter_mut().zip(fds).zip(events) {
        (polled.fd, polled.events) = (fd.map_or(-1, |fd| fd.as_raw_fd()), events);
    }
    // Rounded up, so that a wait of less than a millisecond does not become a loop without one.
    let milliseconds =
        |limit: Duration| (limit + Duration::from_micros(999)).as_millis().try_into().unwrap_or(i32::MAX);
    // SAFETY: the array is as long as said.
    let ready =
        unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as libc::nfds_t, at_most.map_or(-1, milliseconds)) };
    Errno::result(ready)?;
    Ok(polled.map(|polled| polled.revents != 0))
}
