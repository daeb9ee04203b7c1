//! The engine: one thread for work that remains after a method has returned. It exists while there are jobs, and blocks
//! all signals. A fork of this process starts an engine of its own; jobs of the original process do not run in it.

use crate::fd::above_the_streams;
use crate::fork;
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::eventfd::{EfdFlags, EventFd};
use nix::sys::signal::{SigSet, SigmaskHow, pthread_sigmask};
use std::collections::HashMap;
use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A task that waits for a descriptor or a time, and then does a small amount of work.
pub(crate) trait Job: Send {
    /// The descriptor that becomes readable when there is work. It must stay the same as long as the job lives.
    fn fd(&self) -> Option<BorrowedFd<'_>>;

    /// Does the work that is due, without blocking. `is_ready`: the descriptor is readable.
    fn turn(&mut self, now: Instant, is_ready: bool) -> Next;
}

/// The next event that a job waits for.
pub(crate) enum Next {
    Done,
    Wait {
        until: Option<Instant>,
        /// Whether the job also waits for its descriptor.
        listens: bool,
    },
}

/// The engine of this process, never freed. A fork inherits the pointer, but the engine belongs to the original process
/// and its lock may be held for ever, so the fork replaces it.
static ENGINE: AtomicPtr<Engine> = AtomicPtr::new(std::ptr::null_mut());

struct Engine {
    /// The [`fork::generation`] of the process that owns it.
    owner: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: HashMap<u64, Waiting>,
    last: u64,
    /// `Some` while the thread runs.
    wakes: Option<Arc<Wakes>>,
}

struct Waiting {
    job: Box<dyn Job>,
    until: Option<Instant>,
}

/// The descriptors that wake the thread.
struct Wakes {
    epoll: Epoll,
    /// Written to when a job is added.
    added: EventFd,
}

/// How often a job is polled if epoll cannot watch its descriptor, since the kernel limits the number of watches.
const UNTOLD: Duration = Duration::from_millis(50);

/// The token of the eventfd. Tokens of jobs start at 1.
const ADDED: u64 = 0;

/// Adds a job. If the thread cannot be started, the job is dropped and the error returned.
pub(crate) fn add(job: Box<dyn Job>) -> io::Result<()> {
    let engine = own();
    let mut state = engine.lock();
    let wakes = match &state.wakes {
        Some(wakes) => Arc::clone(wakes),
        None => match start(engine) {
            Ok(wakes) => {
                state.wakes = Some(Arc::clone(&wakes));
                wakes
            }
            Err(error) => {
                drop(state);
                return Err(error);
            }
        },
    };
    state.last += 1;
    let token = state.last;
    if let Some(fd) = job.fd() {
        // If epoll refuses, the job is polled.
        let _ = wakes.epoll.add(fd, EpollEvent::new(EpollFlags::EPOLLONESHOT, token));
    }
    // The first turn tells which event the job waits for.
    state.jobs.insert(token, Waiting { job, until: Some(Instant::now()) });
    drop(state);
    let _ = wakes.added.write(1);
    Ok(())
}

/// Returns the engine of this process, and creates it if needed.
fn own() -> &'static Engine {
    let generation = fork::generation();
    loop {
        let found = ENGINE.load(Ordering::Acquire);
        // SAFETY: the pointer is null, or this function has leaked the engine it points to.
        if let Some(engine) = unsafe { found.as_ref() }
            && engine.owner == generation
        {
            return engine;
        }
        let new = Box::into_raw(Box::new(Engine { owner: generation, state: Mutex::default() }));
        if ENGINE.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: `into_raw` has just returned the pointer, and it was not published.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

impl Engine {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread. The caller holds the lock, so the thread sees the new job.
fn start(engine: &'static Engine) -> io::Result<Arc<Wakes>> {
    let epoll = above_the_streams(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?.0)?;
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    let added = above_the_streams(OwnedFd::from(EventFd::from_flags(flags)?))?;
    // SAFETY: the descriptor is an eventfd.
    let wakes = Arc::new(Wakes { epoll: Epoll(epoll), added: unsafe { EventFd::from_owned_fd(added) } });
    wakes.epoll.add(&wakes.added, EpollEvent::new(EpollFlags::EPOLLIN, ADDED))?;
    let theirs = Arc::clone(&wakes);
    // A new thread inherits the signal mask of its creator. All signals are blocked during the creation, so that it
    // never handles one.
    let mut before = SigSet::empty();
    pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&SigSet::all()), Some(&mut before))?;
    let started = std::thread::Builder::new().name("airtight".to_owned()).spawn(move || work(engine, &theirs));
    let _ = pthread_sigmask(SigmaskHow::SIG_SETMASK, Some(&before), None);
    started.map(|_| wakes)
}

fn work(engine: &Engine, wakes: &Wakes) {
    let mut ready = Vec::new();
    loop {
        let now = Instant::now();
        let mut due = {
            let mut state = engine.lock();
            let tokens: Vec<u64> = state
                .jobs
                .iter()
                .filter(|(token, waiting)| ready.contains(*token) || waiting.until.is_some_and(|until| until <= now))
                .map(|(token, _)| *token)
                .collect();
            tokens.into_iter().filter_map(|token| state.jobs.remove(&token).map(|job| (token, job))).collect::<Vec<_>>()
        };
        // Without the lock, since dropping a job may add another.
        due.retain_mut(|(token, waiting)| turn(wakes, *token, waiting, now, ready.contains(token)));
        let until = {
            let mut state = engine.lock();
            state.jobs.extend(due);
            if state.jobs.is_empty() {
                state.wakes = None;
                return;
            }
            state.jobs.values().filter_map(|waiting| waiting.until).min()
        };
        ready = wait(wakes, until);
    }
}

/// Runs one turn of a job. Returns whether the job remains.
fn turn(wakes: &Wakes, token: u64, waiting: &mut Waiting, now: Instant, is_ready: bool) -> bool {
    match waiting.job.turn(now, is_ready) {
        Next::Done => {
            if let Some(fd) = waiting.job.fd() {
                let _ = wakes.epoll.delete(fd);
            }
            false
        }
        Next::Wait { until, listens } => {
            waiting.until = until;
            // EPOLLONESHOT disables a descriptor after an event, and this enables it again. Otherwise a hang-up would
            // be reported endlessly.
            if listens {
                let events = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
                let asked = waiting.job.fd().map(|fd| wakes.epoll.modify(fd, &mut EpollEvent::new(events, token)));
                // Epoll does not watch the descriptor, so the job is polled.
                if asked.is_none_or(|asked| asked.is_err()) {
                    waiting.until = until.into_iter().chain(now.checked_add(UNTOLD)).min();
                }
            }
            true
        }
    }
}

/// Waits until a descriptor is readable, a job is added, or `until` is reached. Returns the tokens of the jobs that are
/// ready.
fn wait(wakes: &Wakes, until: Option<Instant>) -> Vec<u64> {
    let mut events = [EpollEvent::empty(); 64];
    let timeout = match until.map(|until| until.saturating_duration_since(Instant::now())) {
        None => EpollTimeout::NONE,
        // Rounded up to whole milliseconds: a timeout of 0 would spin.
        Some(left) => {
            let milliseconds = left.as_micros().div_ceil(1000);
            EpollTimeout::from(u16::try_from(milliseconds).unwrap_or(u16::MAX))
        }
    };
    let count = match wakes.epoll.wait(&mut events, timeout) {
        Ok(count) => count,
        Err(Errno::EINTR) => 0,
        // A seccomp filter refuses epoll_wait. The pause makes polling of all jobs bearable.
        Err(_) => {
            std::thread::sleep(UNTOLD);
            0
        }
    };
    let tokens = events[..count].iter().map(EpollEvent::data);
    if tokens.clone().any(|token| token == ADDED) {
        let _ = wakes.added.read();
    }
    tokens.filter(|token| *token != ADDED).collect()
}
