//! The state of this process that the steps of `exec` change: saved before they change it, and restored if one fails.

use super::child::exec::{self, FIRST_PAUSE, LAST_PAUSE};
use super::child::signals::empty_mask;
use super::failure::FailedStep;
use super::signals;
use super::sys::{Failed, sys};
use crate::error::Step;
use crate::plan::Plan;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::fchdir;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::Write;
use std::os::fd::{OwnedFd, RawFd};

/// The number of resource limits that Linux has (RLIM_NLIMITS).
const LIMITS: usize = 16;
/// The interval timers, which survive exec: ITIMER_REAL, ITIMER_VIRTUAL and ITIMER_PROF.
const TIMERS: usize = 3;

fn oom_file() -> Result<File, Failed> {
    let opened = File::options().write(true).open("/proc/self/oom_score_adj");
    opened.map_err(|error| Failed(error.raw_os_error().unwrap_or(libc::EIO)))
}

/// The saved values of the attributes of the process that the steps change.
pub(super) struct Before {
    limits: [Cell<Option<libc::rlimit64>>; LIMITS],
    /// The text of the file of the OOM score adjustment, and its length.
    oom_score_adj: Cell<Option<([u8; 16], usize)>>,
    /// That file, if a step changes it. Opened before, since this process may have no descriptor left after it.
    oom_file: Option<Result<File, Failed>>,
    timers: [Cell<libc::itimerval>; TIMERS],
    timers_off: Cell<bool>,
    pub(super) actions: signals::Actions,
    is_dumpable: bool,
    umask: Cell<Option<u32>>,
    /// unshare(CLONE_FS) was refused: the directory and the umask are shared by all threads.
    shares_fs: Cell<bool>,
    directory: RefCell<Option<OwnedFd>>,
}

impl Before {
    pub(super) fn new(plan: &Plan<'_>) -> Before {
        let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
        Before {
            limits: [const { Cell::new(None) }; LIMITS],
            oom_score_adj: Cell::new(None),
            oom_file: plan.process.oom_score_adj.map(|_| oom_file()),
            timers: [(); TIMERS].map(|()| Cell::new(libc::itimerval { it_interval: none, it_value: none })),
            timers_off: Cell::new(false),
            actions: signals::Actions::new(),
            is_dumpable: is_dumpable(),
            umask: Cell::new(None),
            shares_fs: Cell::new(false),
            directory: RefCell::new(None),
        }
    }

    /// Called first in the thread: gives it a working directory and a umask of its own. Container runtimes may refuse
    /// unshare(2); then the directory is saved.
    pub(super) fn leave_fs(&self) {
        // SAFETY: unshare takes no pointers.
        if unsafe { sys!(SYS_unshare, libc::CLONE_FS) }.is_err() {
            let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
            self.shares_fs.set(true);
            *self.directory.borrow_mut() = open(c".", flags, Mode::empty()).ok();
        }
    }

    pub(super) fn note_umask(&self, mask: u32) {
        self.umask.set(Some(mask));
    }

    /// Saves the first value that a limit had.
    pub(super) fn note_limit(&self, resource: u32, limit: libc::rlimit64) {
        if let Some(noted) = self.limits.get(resource as usize)
            && noted.get().is_none()
        {
            noted.set(Some(limit));
        }
    }

    /// Saves the adjustment, unless it could not be restored.
    pub(super) fn note_oom_score_adj(&self, fd: RawFd) -> Result<(), Failed> {
        if let Some(Err(Failed(errno))) = self.oom_file {
            return Err(Failed(errno));
        }
        let mut text = [0; 16];
        // SAFETY: the text is as long as said.
        let length = unsafe { sys!(SYS_read, fd, text.as_mut_ptr(), text.len()) }?;
        self.oom_score_adj.set(Some((text, length)));
        Ok(())
    }

    /// Restores the saved values. Called in the calling thread, which still has its privileges.
    pub(super) fn put_back(&self) {
        for (limit, resource) in self.limits.iter().zip(0..) {
            if let Some(limit) = limit.get() {
                put_limit_back(resource, limit);
            }
        }
        if self.shares_fs.get() {
            let _ = self.directory.take().map(fchdir);
            // SAFETY: umask takes no pointers and cannot fail.
            self.umask.get().map(|mask| unsafe { libc::umask(mask as libc::mode_t) });
        }
        // A change of ids in one thread clears the dumpable flag of the whole process.
        if self.is_dumpable && !is_dumpable() {
            // SAFETY: this operation of prctl takes no pointers.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        }
        if let Some((text, length)) = self.oom_score_adj.get() {
            let text = text.get(..length).unwrap_or_default();
            let _ = self.oom_file.as_ref().and_then(|file| file.as_ref().ok()).map(|mut file| file.write_all(text));
        }
        self.actions.put_back();
        self.actions.raise_discarded();
    }

    /// The last steps: disarms the timers, empties the signal mask and executes the program. By now no signal is
    /// ignored, and exec resets caught signals to their default action.
    pub(super) fn execute(&self, plan: &Plan<'_>) -> Result<(), FailedStep> {
        let mut pause = FIRST_PAUSE;
        loop {
            let failed = self.execute_once(plan).err();
            signals::block_but_libcs();
            self.arm();
            match failed {
                Some(fault) if fault.step == Step::Exec && fault.errno == libc::ETXTBSY && pause <= LAST_PAUSE => {}
                Some(fault) => return Err(fault),
                None => return Ok(()),
            }
            exec::sleep(pause);
            pause = pause.wrapping_shl(1);
        }
    }

    fn execute_once(&self, plan: &Plan<'_>) -> Result<(), FailedStep> {
        self.disarm()?;
        self.actions.discard()?;
        empty_mask()?;
        exec::exec_once(plan).map_err(|failed| FailedStep::new(Step::Exec, failed, 0))
    }

    fn disarm(&self) -> Result<(), FailedStep> {
        let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let unarmed = libc::itimerval { it_interval: none, it_value: none };
        self.timers_off.set(true);
        for (timer, which) in self.timers.iter().zip(0..) {
            // SAFETY: the kernel reads one `itimerval` and writes the other; both live during the call.
            unsafe { sys!(SYS_setitimer, which, &raw const unarmed, timer.as_ptr()) }
                .map_err(|failed| FailedStep::new(Step::ResetSignals, failed, libc::SIGALRM))?;
        }
        Ok(())
    }

    fn arm(&self) {
        if !self.timers_off.replace(false) {
            return;
        }
        for (timer, which) in self.timers.iter().zip(0..) {
            // SAFETY: the kernel reads one `itimerval`, which lives during the call; the null pointer asks for no old
            // value.
            let _ = unsafe { sys!(SYS_setitimer, which, timer.as_ptr(), 0) };
        }
    }
}

/// Restores a limit. A hard limit cannot be raised again without CAP_SYS_RESOURCE; then the soft limit is raised as far
/// as the hard limit allows.
fn put_limit_back(resource: u32, limit: libc::rlimit64) {
    let set = |limit: libc::rlimit64| {
        // SAFETY: the kernel reads one `rlimit64`, which lives during the call; the null pointer asks for no old value.
        unsafe { sys!(SYS_prlimit64, 0, resource, &raw const limit, 0) }
    };
    if set(limit).is_err() {
        let mut now = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the kernel writes one `rlimit64`, which lives during the call; the null pointer sets no new value.
        if unsafe { sys!(SYS_prlimit64, 0, resource, 0, &raw mut now) }.is_ok() {
            let _ = set(libc::rlimit64 { rlim_cur: limit.rlim_cur.min(now.rlim_max), rlim_max: now.rlim_max });
        }
    }
}

fn is_dumpable() -> bool {
    // SAFETY: this operation of prctl takes no pointers.
    unsafe { libc::prctl(libc::PR_GET_DUMPABLE) == 1 }
}
