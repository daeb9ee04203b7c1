//! One thread for all that goes on after a command was reported. It is there while there is work, takes no signals, and
//! is made anew in a copy of this process, where the work of the original is nobody's.

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

/// Something that waits for a descriptor or for a time, and does a little then.
pub(crate) trait Job: Send {
    /// Becomes readable when there is something to do; the same one as long as the job lives.
    fn fd(&self) -> Option<BorrowedFd<'_>>;

    /// Does what there is to do, and does not block. `is_ready` says that the descriptor is readable.
    fn turn(&mut self, now: Instant, is_ready: bool) -> Next;
}

/// What a job waits for next.
pub(crate) enum Next {
    Done,
    Wait {
        until: Option<Instant>,
        /// Whether the descriptor counts.
        listens: bool,
    },
}

/// The engine of this process, never freed. One that a copy of this process finds is not its own, and may be locked for
/// ever: it is passed over.
static ENGINE: AtomicPtr<Engine> = AtomicPtr::new(std::ptr::null_mut());

struct Engine {
    /// The process it belongs to, as [`fork::generation`] tells.
    owner: u64,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: HashMap<u64, Waiting>,
    last: u64,
    /// There while the thread is.
    wakes: Option<Arc<Wakes>>,
}

struct Waiting {
    job: Box<dyn Job>,
    until: Option<Instant>,
}

/// How the thread is woken.
struct Wakes {
    epoll: Epoll,
    /// Something was added.
    added: EventFd,
}

/// How often a job looks that no event tells of its descriptor: the kernel watches only so many.
const UNTOLD: Duration = Duration::from_millis(50);

/// The token of the eventfd; jobs are counted from 1.
const ADDED: u64 = 0;

/// Has a job done. Where no thread can be started, or what it waits with cannot be had, the job is dropped.
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
        // Where the kernel takes no more, the job looks by itself.
        let _ = wakes.epoll.add(fd, EpollEvent::new(EpollFlags::EPOLLONESHOT, token));
    }
    // Its first turn tells what it waits for.
    state.jobs.insert(token, Waiting { job, until: Some(Instant::now()) });
    drop(state);
    let _ = wakes.added.write(1);
    Ok(())
}

/// The engine of this process.
fn own() -> &'static Engine {
    let generation = fork::generation();
    loop {
        let found = ENGINE.load(Ordering::Acquire);
        // SAFETY: whatever stands there was leaked by this function, or is null.
        if let Some(engine) = unsafe { found.as_ref() }
            && engine.owner == generation
        {
            return engine;
        }
        let new = Box::into_raw(Box::new(Engine { owner: generation, state: Mutex::default() }));
        if ENGINE.compare_exchange(found, new, Ordering::AcqRel, Ordering::Acquire).is_err() {
            // SAFETY: made above, and nobody else has seen it.
            drop(unsafe { Box::from_raw(new) });
        }
    }
}

impl Engine {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Starts the thread, while the state is locked: its first look at it comes after that.
fn start(engine: &'static Engine) -> io::Result<Arc<Wakes>> {
    let epoll = above_the_streams(Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?.0)?;
    let flags = EfdFlags::EFD_CLOEXEC | EfdFlags::EFD_NONBLOCK;
    let added = above_the_streams(OwnedFd::from(EventFd::from_flags(flags)?))?;
    // SAFETY: the descriptor is an eventfd's.
    let wakes = Arc::new(Wakes { epoll: Epoll(epoll), added: unsafe { EventFd::from_owned_fd(added) } });
    wakes.epoll.add(&wakes.added, EpollEvent::new(EpollFlags::EPOLLIN, ADDED))?;
    let theirs = Arc::clone(&wakes);
    // A new thread has its maker's mask: it takes no signal, from its first moment on.
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
        // Unlocked: to drop a job may add another one.
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

/// One turn of a job; whether it goes on.
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
            // One that has told is told of no more until it is asked again: a hang-up would be told without end.
            if listens {
                let events = EpollFlags::EPOLLIN | EpollFlags::EPOLLONESHOT;
                let asked = waiting.job.fd().map(|fd| wakes.epoll.modify(fd, &mut EpollEvent::new(events, token)));
                // Nobody would say when it is ready: it looks by itself.
                if asked.is_none_or(|asked| asked.is_err()) {
                    waiting.until = until.into_iter().chain(now.checked_add(UNTOLD)).min();
                }
            }
            true
        }
    }
}

/// Waits until a descriptor is readable, a job is added or the time comes; the tokens of the jobs that are ready.
fn wait(wakes: &Wakes, until: Option<Instant>) -> Vec<u64> {
    let mut events = [EpollEvent::empty(); 64];
    let timeout = match until.map(|until| until.saturating_duration_since(Instant::now())) {
        None => EpollTimeout::NONE,
        // Rounded up, so that a wait of less than a millisecond does not become a loop without one.
        Some(left) => {
            let milliseconds = left.as_micros().div_ceil(1000);
            EpollTimeout::from(u16::try_from(milliseconds).unwrap_or(u16::MAX))
        }
    };
    let count = match wakes.epoll.wait(&mut events, timeout) {
        Ok(count) => count,
        Err(Errno::EINTR) => 0,
        // A filter that refuses it: each job looks by itself, all of them too often.
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
