//! A command that a thread serves in the background. It can be waited for, or awaited with any executor.

use super::care::care;
use super::conclude;
use super::ending::EndedBy;
use super::output::Output;
use super::program::Program;
use super::start::{Started, start};
use crate::error::{Error, ErrorKind, Step};
use crate::fds::Fds;
use crate::mode::Parts;
use crate::spawn::LAST;
use crate::spec::{Purpose, Spec};
use crate::status::{Status, Success};
use crate::stdio::{Stream, Unset};
use nix::sys::eventfd::{EfdFlags, EventFd};
use std::fmt;
use std::future::Future;
use std::os::fd::OwnedFd;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// The outcome of the thread: the result of the command, or the panic of a callback.
type Outcome<Out, Err, Exit> = thread::Result<Result<Output<Out, Err, Exit>, Error>>;

pub(crate) fn background<Out, Err, Exit, Held: Fds>(
    parts: Parts<Out, Err, Held>,
) -> Result<Background<Out, Err, Exit>, Error>
where
    Out: Stream<Handler: Send + 'static> + 'static,
    Err: Stream<Handler: Send + 'static> + 'static,
    Exit: Status + 'static,
{
    let Parts { spec, held, mut on_stdout, mut on_stderr } = parts;
    let not_started = |source: std::io::Error| {
        spec.error(ErrorKind::Start { step: Step::Thread, operand: spec.program_text(), source })
    };
    let abort = EventFd::from_flags(EfdFlags::EFD_CLOEXEC).map_err(|errno| not_started(errno.into()))?;
    let watched: OwnedFd = second_handle(&abort).map_err(not_started)?;
    let Started { program, streams } = start(&spec, held, Purpose::Served { listening: crate::log::is_listened_to() })?;
    let program = Arc::new(program);
    let for_thread = Arc::clone(&program);
    let shared = Arc::new(Shared { state: Mutex::new(State::default()), done: Condvar::new() });
    let (theirs, for_error) = (Arc::clone(&shared), spec.clone());
    #[cfg(feature = "dry-run")]
    let scopes = crate::dry_run::Scopes::of_this_thread();
    let serve = move || {
        // Commands that a callback runs belong to the dry run of the thread that started this command.
        #[cfg(feature = "dry-run")]
        scopes.enter_until_the_end();
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            let handlers = [Out::pieces(&mut on_stdout), Err::pieces(&mut on_stderr)];
            // A callback may block, so the engine enforces the timeout.
            if handlers.iter().any(Option::is_some) && for_thread.needs_care() {
                // If the engine has no thread, the timeout is enforced between the calls.
                let _ = care(&for_thread);
            }
            let ran = conclude::serve(&spec, &for_thread, streams, handlers, Some(&watched))?;
            conclude::output(&spec, ran)
        }));
        // If a callback has panicked, the program still runs.
        for_thread.close();
        theirs.finish(outcome);
    };
    match thread::Builder::new().name("airtight".to_owned()).spawn(serve) {
        Ok(thread) => Ok(Background { shared, abort, program, thread: Some(thread) }),
        // The thread did not start, so its ends of the streams are closed, and the program is killed and reaped.
        Err(source) => {
            program.close();
            let operand = for_error.program_text();
            Err(for_error.error(ErrorKind::Start { step: Step::Thread, operand, source }))
        }
    }
}

fn second_handle(abort: &EventFd) -> std::io::Result<OwnedFd> {
    use std::os::fd::AsFd;
    abort.as_fd().try_clone_to_owned()
}

/// The error in a fork of the process that started the command: the program is not its child.
fn not_ours() -> Error {
    Spec::new().error(ErrorKind::LostStatus)
}

struct Shared<T> {
    state: Mutex<State<T>>,
    done: Condvar,
}

struct State<T> {
    outcome: Option<T>,
    finished: bool,
    waker: Option<Waker>,
}

impl<T> Default for State<T> {
    fn default() -> State<T> {
        State { outcome: None, finished: false, waker: None }
    }
}

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn finish(&self, outcome: T) {
        let mut state = self.lock();
        state.outcome = Some(outcome);
        state.finished = true;
        let waker = state.waker.take();
        drop(state);
        self.done.notify_all();
        waker.into_iter().for_each(Waker::wake);
    }

    fn finishes_within(&self, time: Duration) -> bool {
        let state = self.lock();
        let waited = self.done.wait_timeout_while(state, time, |state| !state.finished);
        waited.unwrap_or_else(PoisonError::into_inner).0.finished
    }

    fn wait(&self) -> Option<T> {
        let mut state = self.lock();
        while !state.finished {
            state = self.done.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.outcome.take()
    }
}

/// A command that [`background`](crate::Command::background) started, and that a thread of its own serves. Wait for it
/// with [`wait`](Self::wait), or await it: it is a `Future` that works with any executor, and does not need one.
/// Dropping it kills and reaps the program.
///
/// ```
/// let sort = airtight::command! { "sort", stdin: buffer("b\na\n"), stdout: text }.background()?;
/// // … something else in the meantime …
/// assert_eq!(sort.wait()?.stdout(), "a\nb\n");
/// # Ok::<(), airtight::Error>(())
/// ```
#[must_use = "a background command is killed when dropped: wait for it or await it"]
pub struct Background<Out: Stream = Unset, Err: Stream = Unset, Exit: Status = Success> {
    shared: Arc<Shared<Outcome<Out, Err, Exit>>>,
    abort: EventFd,
    program: Arc<Program>,
    thread: Option<JoinHandle<()>>,
}

impl<Out: Stream, Err: Stream, Exit: Status> Background<Out, Err, Exit> {
    /// The pid of the program.
    ///
    /// ```
    /// let sleep = airtight::command! { "sleep", args: [60] }.background()?;
    /// assert!(sleep.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn id(&self) -> u32 {
        self.program.pid().unsigned_abs()
    }

    /// Returns true once the program has ended and its streams have been read.
    ///
    /// ```
    /// assert!(!airtight::command! { "sleep", args: [60] }.background()?.is_finished());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn is_finished(&self) -> bool {
        // A fork of the process that started it does not have the thread that would finish it.
        self.program.is_own() && self.shared.lock().finished
    }

    /// Waits until the program ends, as [`run`](crate::Command::run) does. If a callback panicked, the panic is resumed
    /// here.
    ///
    /// # Errors
    ///
    /// Those of [`run`](crate::Command::run).
    ///
    /// ```
    /// airtight::command! { "true" }.background()?.wait()?;
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn wait(self) -> Result<Output<Out, Err, Exit>, Error> {
        if !self.program.is_own() {
            return Err(not_ours());
        }
        match self.shared.wait() {
            Some(outcome) => outcome.unwrap_or_else(|panic| resume_unwind(panic)),
            // The outcome is missing only if the future has already returned it.
            None => Err(Spec::new().error(ErrorKind::Aborted)),
        }
    }

    /// Kills the program (SIGKILL) and reaps it.
    ///
    /// ```
    /// airtight::command! { "sleep", args: [60] }.background()?.abort();
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn abort(self) {
        drop(self);
    }
}

/// Resolves to the result that [`wait`](Background::wait) returns. If it is polled again afterwards, it stays pending.
impl<Out: Stream, Err: Stream, Exit: Status> Future for Background<Out, Err, Exit> {
    type Output = Result<Output<Out, Err, Exit>, Error>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if !self.program.is_own() {
            return Poll::Ready(Err(not_ours()));
        }
        let mut state = self.shared.lock();
        match state.outcome.take() {
            Some(outcome) => {
                drop(state);
                Poll::Ready(outcome.unwrap_or_else(|panic| resume_unwind(panic)))
            }
            None => {
                state.waker = Some(context.waker().clone());
                Poll::Pending
            }
        }
    }
}

impl<Out: Stream, Err: Stream, Exit: Status> Drop for Background<Out, Err, Exit> {
    fn drop(&mut self) {
        // A fork of the process that started it does not have the thread.
        if !self.program.is_own() {
            return;
        }
        // An eventfd would block only after 2⁶⁴ - 2 such writes.
        let _ = self.abort.write(1);
        self.program.end(EndedBy::Abort);
        // A callback that does not return is not waited for; its thread is detached.
        if self.shared.finishes_within(LAST)
            && let Some(thread) = self.thread.take()
        {
            // Panics of callbacks were caught and put into the outcome.
            let _ = thread.join();
        }
    }
}

impl<Out: Stream, Err: Stream, Exit: Status> fmt::Debug for Background<Out, Err, Exit> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Background({})", self.id())
    }
}
