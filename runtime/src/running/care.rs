//! Looks after a program that no thread waits for.

use super::program::Program;
use crate::engine::{self, Job, Next};
use crate::spawn::{ASKING, Waited};
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

/// How often a program is polled if its pidfd no longer tells anything new.
const LOOK: Duration = Duration::from_millis(50);

/// How often the control group of a program that has ended is tried to be removed.
const TIDY: Duration = Duration::from_millis(5);

/// Enforces the timeout of a program, and kills its descendants when it has ended, until the `Program` is dropped.
pub(crate) fn care(program: &Arc<Program>) -> io::Result<()> {
    // A duplicate: an epoll instance accepts a descriptor once, and another job may wait for this program later.
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
            // A tracer holds the process, which has exited.
            (Some(_), true) => Some(LOOK),
            (Some(_), false) => None,
        };
        let due = asked.and_then(|asked| now.checked_add(asked)).into_iter().chain(program.due()).min();
        Next::Wait { until: due, listens: !is_ready }
    }
}
