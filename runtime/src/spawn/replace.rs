//! `exec`: takes the child's steps without a child, in a thread that shares as little as possible with the others.
//!
//! Any thread may call execve(2), which replaces the whole process. The thread unshares its descriptor table, its
//! working directory and its umask. Ids, capabilities, security labels, the nice value, the CPU affinity and the
//! parent-death signal are attributes of a thread when raw system calls set them. If a step fails, the thread ends and
//! these changes end with it. Attributes of the process (signal actions, timers, limits, the OOM score adjustment, the
//! dumpable flag) are saved before they change, and restored. A session, a process group, a control group and a
//! controlling terminal cannot be restored.

use super::aside::kept_with;
use super::before::Before;
use super::failure::{FailedStep, Failure};
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

/// Takes the steps. Returns only if one fails, after it has restored this process.
pub(crate) fn replace(plan: &Plan<'_>) -> Failure {
    let pipe = match plan.process.hook.as_ref().map(|_| report::Pipe::new(&plan.descriptors)).transpose() {
        Ok(pipe) => pipe,
        Err(errno) => return Failure::of_parent(Step::Report, errno),
    };
    let (before, report_fd) = (Before::new(plan), pipe.as_ref().map(report::Pipe::write_end));
    if let Err(failure) = before.actions.catch_ignored() {
        before.put_back();
        return failure;
    }
    let lent = Lent((plan, &before));
    let joined: io::Result<FailedStep> = thread::scope(|scope| {
        let lent = &lent;
        let steps = move || attempt(lent, report_fd);
        // The new thread starts with signals blocked. The calling thread handles them while it waits: a handler finds
        // the descriptors of this process in this thread, but those of the program in the other.
        let thread = signals::blocked_but_libcs(|| thread::Builder::new().spawn_scoped(scope, steps))?;
        Ok(thread.join().unwrap_or(FailedStep { step: Step::Exec, errno: libc::EIO, operand: 0 }))
    });
    before.put_back();
    match joined {
        Ok(fault) => failure(&fault, pipe),
        // The kernel refuses to create threads after unshare(CLONE_NEWPID).
        Err(source) if namespace::is_anothers() => {
            let why = "this process has called unshare(CLONE_NEWPID), and cannot create threads any more";
            Failure { step: Step::Clone, source: io::Error::new(source.kind(), why), operand: 0 }
        }
        Err(source) => Failure { step: Step::Clone, source, operand: 0 },
    }
}

/// The values that the calling thread lends to the thread that takes the steps.
struct Lent<T>(T);

// SAFETY: while the other thread uses the value, the lender only waits for that thread to end.
unsafe impl<T> Sync for Lent<T> {}

/// Takes the steps. Runs in the new thread.
fn attempt(lent: &Lent<(&Plan<'_>, &Before)>, report_fd: Option<RawFd>) -> FailedStep {
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

fn failure(fault: &FailedStep, pipe: Option<report::Pipe>) -> Failure {
    // The pipe holds the message of a closure.
    if fault.step == Step::PreExec
        && fault.errno == 0
        && let Some(Ok(Said::Failed(failure))) = pipe.map(|pipe| pipe.listen(None).next())
    {
        return failure;
    }
    let source = match (fault.step, fault.errno) {
        (Step::Session, libc::EPERM) if getpgrp() == getpid() => io::Error::new(
            io::ErrorKind::PermissionDenied,
            "this process leads a process group, and a process group leader cannot create a session",
        ),
        (_, errno) => io::Error::from_raw_os_error(errno),
    };
    Failure { step: fault.step, source, operand: fault.operand }
}
