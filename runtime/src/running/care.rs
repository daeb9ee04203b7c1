//! Looking after a program though nobody waits for it.

use super::program::Program;
use crate::engine::{self, Job, Next};
use crate::spawn::{ASKING, Waited};
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
