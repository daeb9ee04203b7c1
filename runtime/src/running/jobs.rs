//! What goes on after a command was reported, or though nobody waits for it.

use super::engine::{self, Job, Next};
use super::program::Program;
use crate::spawn::{ASKING, Waited};
use nix::errno::Errno;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often somebody is looked at whom the kernel tells nothing of.
const LOOK: Duration = Duration::from_millis(50);

/// How often it is looked whether the last of a program's descendants is gone.
const TIDY: Duration = Duration::from_millis(5);

/// Enforces the time of a program that was spawned, and ends its descendants when it has ended, as long as somebody
/// holds it.
pub(crate) fn care(program: &Arc<Program>) -> io::Result<()> {
    // One of its own: an epoll instance knows a descriptor once, and the program may be handed on to another job.
    let pidfd = program.pidfd().and_then(|pidfd| pidfd.try_clone_to_owned().ok());
    engine::add(Box::new(Care { program: Arc::downgrade(program), pidfd }))
}

struct Care {
    program: Weak<Program>,
    pidfd: Option<OwnedFd>,
}

impl Job for Care {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    fn turn(&mut self, now: Instant, is_ready: bool) -> Next {
        let Some(program) = self.program.upgrade() else { return Next::Done };
        match program.look_after(now) {
            Waited::Running => {}
            _ if program.is_tidy() => return Next::Done,
            _ => return Next::Wait { until: now.checked_add(TIDY), listens: false },
        }
        let asked = match (&self.pidfd, is_ready) {
            (None, _) => Some(ASKING),
            // A debugger keeps its end to itself.
            (Some(_), true) => Some(LOOK),
            (Some(_), false) => None,
        };
        let due = asked.and_then(|asked| now.checked_add(asked)).into_iter().chain(program.due()).min();
        Next::Wait { until: due, listens: !is_ready }
    }
}

/// Waits for the end of a program that nobody holds, one that could not be killed in time among them, and ends its
/// descendants then.
pub(super) fn reap(program: Arc<Program>) {
    // One of its own: an epoll instance knows a descriptor once, and another job may have named it.
    let pidfd = program.pidfd().and_then(|pidfd| pidfd.try_clone_to_owned().ok());
    let _ = engine::add(Box::new(Reap { program, pidfd }));
}

struct Reap {
    program: Arc<Program>,
    pidfd: Option<OwnedFd>,
}

impl Job for Reap {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        self.pidfd.as_ref().map(AsFd::as_fd)
    }

    fn turn(&mut self, now: Instant, is_ready: bool) -> Next {
        self.program.look_after(now);
        if self.program.is_gone() {
            return Next::Done;
        }
        let listens = self.pidfd.is_some() && !is_ready;
        let look = if listens { None } else { now.checked_add(LOOK) };
        Next::Wait { until: look.into_iter().chain(self.program.due()).min(), listens }
    }
}

/// Where no thread can be started the job is dropped undone. Nobody waits for the process then, and least of all this
/// drop: it may run for as long as it likes, and stays a zombie until this process ends.
impl Drop for Reap {
    fn drop(&mut self) {
        self.program.forget();
    }
}

/// Reads what still comes through a pipe that was given up, and throws it away: whoever was left behind and writes to it
/// is not ended by SIGPIPE.
pub(crate) fn drain(end: OwnedFd) {
    let _ = engine::add(Box::new(Drain(end)));
}

struct Drain(OwnedFd);

impl Job for Drain {
    fn fd(&self) -> Option<BorrowedFd<'_>> {
        Some(self.0.as_fd())
    }

    fn turn(&mut self, _: Instant, _: bool) -> Next {
        let mut thrown_away = [0; 16 << 10];
        match nix::unistd::read(&self.0, &mut thrown_away) {
            Ok(0) => Next::Done,
            Ok(_) | Err(Errno::EAGAIN | Errno::EINTR) => Next::Wait { until: None, listens: true },
            Err(_) => Next::Done,
        }
    }
}
