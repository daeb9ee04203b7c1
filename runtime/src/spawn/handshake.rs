//! A child that waits before exec until the parent releases it. It does not share memory, so the parent runs meanwhile.

use super::arena::Arena;
use super::aside::{aside, kept_with};
use super::attempt::check_namespace;
use super::channel::Channel;
use super::clone::{self, Sharing};
use super::failure::{Failure, clone_failed};
use super::observer;
use super::process::{LAST, NOBODY, Process};
use super::report::{self, Listener, Said};
use super::task::{Detach, Task};
use crate::error::Step;
use crate::fd::quiet::write_quietly;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::unistd::pipe2;
use std::cell::RefCell;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::PoisonError;

/// A child that has taken every step but the last. Dropping it kills and reaps the child.
pub(crate) struct Paused {
    inner: Option<Inner>,
    /// The answer of a dry run: a process that never existed and has ended.
    answered: Option<Process>,
}

struct Inner {
    /// The child, or the intermediate process of a daemon.
    process: Process,
    listener: Listener,
    /// The write end of the handshake pipe. If it is closed without a byte, the child exits.
    word: OwnedFd,
    channel: Option<Channel>,
    /// The arenas of the child and of its daemon. One of them holds the report page.
    arenas: [Arena; 2],
}

/// The pid and the pidfd of a daemon.
type OfDaemon = (i32, Option<OwnedFd>);

/// Starts a child, which stops before its last step.
pub(crate) fn pause(plan: &Plan<'_>, daemon: bool) -> Result<Paused, Failure> {
    if daemon {
        check_namespace()?;
    }
    let failed = |step| move |errno| Failure::of_parent(step, errno);
    let take = || Arena::take().map_err(failed(Step::Stack));
    let (arena, second) = (take()?, take()?);
    arena.report().clear();
    let channel = daemon.then(|| Channel::new(&plan.descriptors)).transpose().map_err(failed(Step::Daemon))?;
    let pipe = report::Pipe::new(&plan.descriptors).map_err(failed(Step::Report))?;
    let (go, word) = pipe2(OFlag::O_CLOEXEC).map_err(failed(Step::Handshake))?;
    let go = aside(go, &plan.descriptors).map_err(failed(Step::Handshake))?;
    let channel_end: Vec<RawFd> = channel.iter().map(Channel::child_end).collect();
    let more = [&channel_end[..], &[pipe.write_end(), go.as_raw_fd()]].concat();
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let (sources, targets) = (kept_with(sources, &more), kept_with(targets, &more));
    let mut locked = plan.process.hook.as_ref().map(|hook| hook.lock().unwrap_or_else(PoisonError::into_inner));
    let hook = locked.as_deref_mut().map(RefCell::new);
    let mut task = Task::new(plan, arena.report());
    task.detach = channel.as_ref().map(|channel| Detach { stack: second.stack_top(), channel: channel.child_end() });
    task.hook = hook.as_ref();
    task.go_fd = go.as_raw_fd();
    task.shares_memory = false;
    task.keep(&sources, &targets);
    task.report_through(pipe.write_end());
    let process = match hook {
        None if !observer::wants_copies() => clone::other_tiers(&arena, &mut task, Sharing::Nothing),
        _ => clone::fork(&task),
    };
    let process = process.map_err(clone_failed)?.leads_group(plan.process.leads.is_some() && !daemon);
    let listener = pipe.listen(plan.deadline);
    match listener.next().map_err(failed(Step::Report))? {
        Said::Ready => {
            let arenas = [arena, second];
            let inner = Some(Inner { process, listener, word, channel, arenas });
            Ok(Paused { inner, answered: None })
        }
        said => {
            process.reap();
            arena.put_back();
            second.put_back();
            Err(failure_of(said))
        }
    }
}

/// The failure that a message means. A pipe that ends without one means that the child has died.
fn failure_of(said: Said) -> Failure {
    match said {
        Said::Failed(failure) => failure,
        Said::Ready | Said::Executing | Said::Nothing => Failure::of_parent(Step::Handshake, Errno::ECHILD),
    }
}

impl Paused {
    /// The paused child of a command that a dry run answers: no process.
    #[cfg(feature = "dry-run")]
    pub(crate) fn answered(process: Process) -> Paused {
        Paused { inner: None, answered: Some(process) }
    }

    #[cfg(feature = "dry-run")]
    pub(crate) fn is_answered(&self) -> bool {
        self.answered.is_some()
    }

    pub(crate) fn pid(&self) -> i32 {
        self.inner.as_ref().map_or(NOBODY, |inner| inner.process.pid())
    }

    /// Releases the child. It executes the program, or its last step fails.
    pub(crate) fn proceed(mut self) -> Result<Process, Failure> {
        if let Some(process) = self.answered.take() {
            return Ok(process);
        }
        let Some(Inner { process, listener, word, arenas, .. }) = self.inner.take() else { return Err(gone()) };
        // If it is not certain that the child has executed the program, it is killed. A child that did not announce
        // exec has died.
        say_go(word, &listener).and_then(|said| if said { Ok(()) } else { Err(gone()) }).inspect_err(|_| {
            process.signal(libc::SIGKILL);
            process.reap();
        })?;
        arenas.into_iter().for_each(Arena::put_back);
        Ok(process)
    }

    /// Releases a daemon, as [`proceed`](Self::proceed) does a child.
    pub(crate) fn proceed_daemon(mut self) -> Result<OfDaemon, Failure> {
        if self.answered.is_some() {
            return Ok((NOBODY, None));
        }
        let Some(Inner { process, listener, word, channel, arenas }) = self.inner.take() else {
            return Err(gone());
        };
        let said = say_go(word, &listener);
        process.reap();
        // The intermediate process has been reaped, so the report page is complete even if the pipe failed.
        let [arena, _] = &arenas;
        let failed = said.err().filter(|failure| failure.step != Step::Report).or_else(|| arena.report().read());
        let received = channel.ok_or_else(gone).and_then(|channel| channel.receive(arena.report()));
        arenas.into_iter().for_each(Arena::put_back);
        failed.map_or(received, Err)
    }
}

fn gone() -> Failure {
    Failure::of_parent(Step::Handshake, Errno::ECHILD)
}

/// Kills and reaps a paused child. The intermediate process of a daemon exits when its daemon does, and then removes
/// the pidfile. The arenas are unmapped instead of pooled, since a daemon may be about to write to its report page.
impl Drop for Paused {
    fn drop(&mut self) {
        let Some(Inner { process, word, channel, .. }) = self.inner.take() else { return };
        drop(word);
        // It exits by itself, and its daemon too, unless someone has stopped one of them.
        if channel.is_some() {
            process.ends_within(LAST);
        }
    }
}

/// Releases the child, and closes the pipe: a child that could not be released sees end-of-file and exits. Returns
/// whether the child announced exec.
fn say_go(word: OwnedFd, listener: &Listener) -> Result<bool, Failure> {
    // If the child has died, the pipe has no reader. The write must not raise SIGPIPE in this process.
    loop {
        match write_quietly(&word, &[1]) {
            Ok(_) => break,
            Err(Errno::EINTR) => {}
            // A child that has failed reports its step. Any other child reads end-of-file and reports ECANCELED; then
            // the error of the write is returned.
            Err(errno) => {
                drop(word);
                let said = listener.next();
                return match said {
                    Ok(Said::Failed(failure)) if failure.source.raw_os_error() != Some(libc::ECANCELED) => Err(failure),
                    _ => Err(Failure::of_parent(Step::Handshake, errno)),
                };
            }
        }
    }
    drop(word);
    let next = || listener.next().map_err(|errno| Failure::of_parent(Step::Report, errno));
    let (mut said, mut is_executing) = (next()?, false);
    if matches!(said, Said::Executing) {
        (said, is_executing) = (next()?, true);
    }
    match said {
        Said::Nothing => Ok(is_executing),
        said => Err(failure_of(said)),
    }
}
