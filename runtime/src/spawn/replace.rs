//! `exec`: the child's steps without a child, in a thread that leaves what the threads of this process share.
//!
//! execve(2) may be called by any thread, and replaces the whole process. The thread has a table of descriptors, a
//! directory and a umask of its own; ids, capabilities, labels, the nice value and the parent's death belong to a thread
//! in any case, since raw system calls set them. If a step fails the thread ends, and all of that with it. What belongs
//! to the process (signal actions, timers, limits, whether it can be traced) is noted before it changes, and put back.
//! A session, a process group, a control group and a controlling terminal cannot be put back.

use super::child::signals;
use super::child::{self, FIRST_PAUSE, Fault, LAST_PAUSE, Task};
use super::report::{self, Report, Said};
use super::sys::sys;
use super::{Failure, channel};
use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use crate::plan::namespace;
use nix::fcntl::{OFlag, open};
use nix::sys::stat::Mode;
use nix::unistd::{fchdir, getpgrp, getpid};
use std::cell::{Cell, RefCell};
use std::io;
use std::os::fd::{OwnedFd, RawFd};
use std::sync::PoisonError;
use std::thread;

/// As many resources as Linux has limits for.
const LIMITS: usize = 16;
/// The interval timers, which outlive exec: ITIMER_REAL, ITIMER_VIRTUAL and ITIMER_PROF.
const TIMERS: usize = 3;

/// What the steps change of the process, as they found it.
pub(super) struct Before {
    limits: [Cell<Option<libc::rlimit64>>; LIMITS],
    timers: [Cell<libc::itimerval>; TIMERS],
    timers_off: Cell<bool>,
    actions: signals::Actions,
    is_dumpable: bool,
    umask: Cell<Option<u32>>,
    /// The directory and the umask are those of all threads after all.
    shares_fs: Cell<bool>,
    directory: RefCell<Option<OwnedFd>>,
}

/// Takes the steps; comes back only if one fails, with this process as it was.
pub(crate) fn replace(plan: &Plan<'_>) -> Failure {
    let pipe = match plan.process.hook.as_ref().map(|_| report::Pipe::new(&plan.descriptors)).transpose() {
        Ok(pipe) => pipe,
        Err(errno) => return Failure::of_parent(Step::Report, errno),
    };
    let (before, report_fd) = (Before::new(), pipe.as_ref().map(report::Pipe::write_end));
    if let Err(failure) = before.actions.catch_ignored() {
        before.put_back();
        return failure;
    }
    let lent = Lent((plan, &before));
    let joined: io::Result<Fault> = thread::scope(|scope| {
        let lent = &lent;
        let steps = move || attempt(lent, report_fd);
        // The thread begins with signals blocked. This one takes them while it waits: a handler finds the descriptors of
        // this process here, and there those of the program.
        let thread = signals::blocked_but_libcs(|| thread::Builder::new().spawn_scoped(scope, steps))?;
        Ok(thread.join().unwrap_or(Fault { step: Step::Exec, errno: libc::EIO, operand: 0 }))
    });
    before.put_back();
    match joined {
        Ok(fault) => failure(&fault, pipe),
        // The kernel refuses it threads.
        Err(source) if namespace::is_anothers() => {
            let why = "this process has called unshare(CLONE_NEWPID), and cannot make a thread any more";
            Failure { step: Step::Clone, source: io::Error::new(source.kind(), why), operand: 0 }
        }
        Err(source) => Failure { step: Step::Clone, source, operand: 0 },
    }
}

/// What the calling thread lends to the one that takes the steps.
struct Lent<T>(T);

// SAFETY: while the other thread uses what is lent, the lender does nothing but wait for its end.
unsafe impl<T> Sync for Lent<T> {}

/// In the thread.
fn attempt(lent: &Lent<(&Plan<'_>, &Before)>, report_fd: Option<RawFd>) -> Fault {
    let (plan, before) = lent.0;
    before.leave_fs();
    let more: Few<RawFd> = report_fd.into_iter().collect();
    let Schedule { sources, targets, .. } = &plan.descriptors;
    let (sources, targets) = (channel::kept_with(sources, &more), channel::kept_with(targets, &more));
    let hook = plan.process.hook.as_ref();
    let mut locked = hook.map(|hook| hook.lock().unwrap_or_else(PoisonError::into_inner));
    let hook = locked.as_deref_mut().map(RefCell::new);
    let report = Report::default();
    let mut task = Task::new(plan, &report);
    task.before = Some(before);
    task.hook = hook.as_ref();
    task.keep(&sources, &targets);
    if let Some(fd) = report_fd {
        task.report_through(fd);
    }
    child::replace(&task)
}

fn failure(fault: &Fault, pipe: Option<report::Pipe>) -> Failure {
    // The message of a closure is in the pipe.
    if fault.step == Step::PreExec
        && fault.errno == 0
        && let Some(Ok(Said::Failed(failure))) = pipe.map(|pipe| pipe.listen(None).next())
    {
        return failure;
    }
    let source = match (fault.step, fault.errno) {
        (Step::Session, libc::EPERM) if getpgrp() == getpid() => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "this process leads a process group, and only one that leads none can begin a session",
        ),
        (_, errno) => io::Error::from_raw_os_error(errno),
    };
    Failure { step: fault.step, source, operand: fault.operand }
}

impl Before {
    fn new() -> Before {
        let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
        Before {
            limits: [const { Cell::new(None) }; LIMITS],
            timers: [(); TIMERS].map(|()| Cell::new(libc::itimerval { it_interval: none, it_value: none })),
            timers_off: Cell::new(false),
            actions: signals::Actions::new(),
            is_dumpable: is_dumpable(),
            umask: Cell::new(None),
            shares_fs: Cell::new(false),
            directory: RefCell::new(None),
        }
    }

    /// In the thread, first: a directory and a umask of its own. Container runtimes may refuse unshare(2).
    fn leave_fs(&self) {
        // SAFETY: takes no pointers.
        if unsafe { sys!(SYS_unshare, libc::CLONE_FS) }.is_err() {
            let flags = OFlag::O_PATH | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
            self.shares_fs.set(true);
            *self.directory.borrow_mut() = open(c".", flags, Mode::empty()).ok();
        }
    }

    pub(super) fn note_umask(&self, mask: u32) {
        self.umask.set(Some(mask));
    }

    /// The first value that a limit had.
    pub(super) fn note_limit(&self, resource: u32, limit: libc::rlimit64) {
        if let Some(noted) = self.limits.get(resource as usize)
            && noted.get().is_none()
        {
            noted.set(Some(limit));
        }
    }

    /// In the calling thread, which has its privileges still.
    fn put_back(&self) {
        for (limit, resource) in self.limits.iter().zip(0..) {
            if let Some(limit) = limit.get() {
                put_limit_back(resource, limit);
            }
        }
        if self.shares_fs.get() {
            let _ = self.directory.take().map(fchdir);
            // SAFETY: takes no pointers, and cannot fail.
            self.umask.get().map(|mask| unsafe { libc::umask(mask as libc::mode_t) });
        }
        // To change the ids of a thread closes the memory of all to others.
        if self.is_dumpable && !is_dumpable() {
            // SAFETY: takes no pointers.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        }
        self.actions.put_back();
        self.actions.raise_discarded();
    }

    /// The last steps: no timer, no signal blocked, the program. No signal is ignored by now, and exec resets the others.
    pub(super) fn execute(&self, plan: &Plan<'_>) -> Result<(), Fault> {
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
            child::sleep(pause);
            pause = pause.wrapping_shl(1);
        }
    }

    fn execute_once(&self, plan: &Plan<'_>) -> Result<(), Fault> {
        self.disarm()?;
        self.actions.discard()?;
        signals::empty_mask()?;
        child::exec_once(plan).map_err(|failed| Fault::new(Step::Exec, failed, 0))
    }

    fn disarm(&self) -> Result<(), Fault> {
        let none = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let unarmed = libc::itimerval { it_interval: none, it_value: none };
        self.timers_off.set(true);
        for (timer, which) in self.timers.iter().zip(0..) {
            // SAFETY: both structures are valid.
            unsafe { sys!(SYS_setitimer, which, &raw const unarmed, timer.as_ptr()) }
                .map_err(|failed| Fault::new(Step::ResetSignals, failed, libc::SIGALRM))?;
        }
        Ok(())
    }

    fn arm(&self) {
        if !self.timers_off.replace(false) {
            return;
        }
        for (timer, which) in self.timers.iter().zip(0..) {
            // SAFETY: the structure is valid.
            let _ = unsafe { sys!(SYS_setitimer, which, timer.as_ptr(), 0) };
        }
    }
}

/// A hard limit that was lowered stays so without CAP_SYS_RESOURCE: then the soft one gets as near as it can.
fn put_limit_back(resource: u32, limit: libc::rlimit64) {
    let set = |limit: libc::rlimit64| {
        // SAFETY: the structure is valid.
        unsafe { sys!(SYS_prlimit64, 0, resource, &raw const limit, 0) }
    };
    if set(limit).is_err() {
        let mut now = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is valid.
        if unsafe { sys!(SYS_prlimit64, 0, resource, 0, &raw mut now) }.is_ok() {
            let _ = set(libc::rlimit64 { rlim_cur: limit.rlim_cur.min(now.rlim_max), rlim_max: now.rlim_max });
        }
    }
}

fn is_dumpable() -> bool {
    // SAFETY: takes no pointers.
    unsafe { libc::prctl(libc::PR_GET_DUMPABLE) == 1 }
}
