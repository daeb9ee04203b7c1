//! The last steps, taken by the process that executes the program: the child, or the daemon.

use super::calls::Now;
use super::{
    close, cpus, credentials, directory, exec, hook, label, limits, oom, parents_death, pidfile, session, signals,
    stage,
};
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::report::{EXECUTING, READY};
use crate::spawn::sys::{Failed, sys};
use crate::spawn::task::Task;

/// Takes the last steps. Returns only on failure.
#[inline(always)]
pub(super) fn second_half(task: &Task<'_>) -> Result<(), FailedStep> {
    let plan = task.plan;
    session::lead(plan.process.leads, task.before.is_some())?;
    let label = label::open_label(plan.process.label.as_ref())?;
    oom::set_oom_score_adj(plan.process.oom_score_adj, task.before)?;
    limits::set_limits(&plan.process.limits, task.before)?;
    limits::set_nice(plan.process.nice)?;
    cpus::set_cpus(plan.cpus.as_ref())?;
    limits::set_sched_core(plan.process.sched_core, task.before.is_some())?;
    if let Some(hook) = task.hook {
        hook::call(hook, task.report_fd)?;
    }
    label::write_label(label)?;
    if task.hook.is_some() {
        close_behind_hook(task)?;
    }
    if let Some(stage) = task.stage {
        return stage::enter(plan, stage);
    }
    credentials::change(&plan.privileges, &mut Now)?;
    directory::chdir(plan, &mut Now)?;
    parents_death::die_with_parent(plan.process.pdeathsig, plan.parent, &mut Now)?;
    wait_for_word(task)?;
    if let Some(before) = task.before {
        return before.execute(plan);
    }
    signals::unblock()?;
    announce(task)?;
    exec::exec(plan)
}

/// Closes the descriptors that the closure could use but the program must not inherit. Closing any descriptor of the
/// pidfile releases its lock, so the lock is taken again.
#[cold]
fn close_behind_hook(task: &Task<'_>) -> Result<(), FailedStep> {
    let pidfile = task.pidfile_fd.get();
    close::close_all_but(task.targets, &[pidfile, task.executed_fd.get(), task.kept_fd.get()])?;
    if pidfile >= 0 { pidfile::lock(pidfile) } else { Ok(()) }
}

/// Tells the parent that the child is ready, and waits for the handshake. If the parent closes the pipe or exits, the
/// program is not executed.
#[inline(always)]
fn wait_for_word(task: &Task<'_>) -> Result<(), FailedStep> {
    if task.go_fd < 0 {
        return Ok(());
    }
    let fault = |failed| FailedStep::new(Step::Handshake, failed, 0);
    // SAFETY: the pointer and the length are those of the message.
    unsafe { sys!(SYS_write, task.report_fd, READY.as_ptr(), READY.len()) }.map_err(fault)?;
    let mut word = 0u8;
    loop {
        // SAFETY: the kernel writes at most one byte, to a byte.
        match unsafe { sys!(SYS_read, task.go_fd, &raw mut word, 1) } {
            Ok(1) => return Ok(()),
            Ok(_) => return Err(fault(Failed(libc::ECANCELED))),
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => return Err(fault(failed)),
        }
    }
}

/// Announces that the program is executed next. If a pipe ends without this message, the child has died. A daemon tells
/// its intermediate process.
#[inline(always)]
fn announce(task: &Task<'_>) -> Result<(), FailedStep> {
    let executed = task.executed_fd.get();
    let fd = if executed >= 0 { executed } else { task.report_fd };
    if fd < 0 || (executed < 0 && task.detach.is_some()) {
        return Ok(());
    }
    // SAFETY: the pointer and the length are those of the message.
    unsafe { sys!(SYS_write, fd, EXECUTING.as_ptr(), EXECUTING.len()) }
        .map(|_| ())
        .map_err(|failed| FailedStep::new(Step::Report, failed, 0))
}
