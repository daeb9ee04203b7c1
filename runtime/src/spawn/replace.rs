//! `exec`: the child's steps without a child, in a thread that leaves what the threads of this process share.
//!
//! execve(2) may be called by any thread, and replaces the whole process. The thread has a table of descriptors, a
//! directory and a umask of its own; ids, capabilities, labels, the nice value, the CPUs and the parent's death belong to a thread
//! in any case, since raw system calls set them. If a step fails the thread ends, and all of that with it. What belongs
//! to the process (signal actions, timers, limits, the OOM score adjustment, whether it can be traced) is noted before it changes, and put back.
//! A session, a process group, a control group and a controlling terminal cannot be put back.

use super::aside::kept_with;
use super::before::Before;
use super::fault::{Failure, Fault};
use super::report::{self, Report, Said};
use super::task::Task;
use super::{child, signals};
use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::plan::few::Few;
use crate::plan::namespace;
use nix::unistd::{getpgrp, getpid};
use std::cell::RefCell;
use std::io;
use std::os::fd::RawFd;
use std::sync::PoisonError;
use std::thread;

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
    let (sources, targets) = (kept_with(sources, &more), kept_with(targets, &more));
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
