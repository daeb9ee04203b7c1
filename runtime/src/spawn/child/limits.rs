//! In the child: resource limits, the nice value, core scheduling, the label, the parent's death.

use super::Fault;
use super::calls::Calls;
use super::procfs;
use crate::error::Step;
use crate::spawn::replace::Before;
use crate::spawn::sys::{Failed, sys};
use crate::spec::settings::{Label, Limit, SchedCore};
use std::ffi::CStr;
use std::os::fd::RawFd;

/// From linux/prctl.h.
const PR_SCHED_CORE: i32 = 62;
const PR_SCHED_CORE_CREATE: i32 = 1;
const PR_SCHED_CORE_SHARE_FROM: i32 = 3;
/// The scope of a cookie: the thread; the process with all its threads.
const THREAD: i32 = 0;
const THREAD_GROUP: i32 = 1;

#[inline(always)]
pub(super) fn set_limits(limits: &[Limit], before: Option<&Before>) -> Result<(), Fault> {
    for limit in limits {
        let values = libc::rlimit64 { rlim_cur: limit.soft, rlim_max: limit.hard };
        let mut was = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: both structures are valid.
        unsafe { sys!(SYS_prlimit64, 0, limit.resource, &raw const values, &raw mut was) }
            .map_err(|failed| Fault::new(Step::Limit, failed, limit.resource as i32))?;
        if let Some(before) = before {
            before.note_limit(limit.resource, was);
        }
    }
    Ok(())
}

#[inline(always)]
pub(super) fn set_nice(nice: Option<i32>) -> Result<(), Fault> {
    let Some(nice) = nice else { return Ok(()) };
    // SAFETY: takes no pointers.
    let set = unsafe { sys!(SYS_setpriority, libc::PRIO_PROCESS, 0, nice) };
    set.map(|_| ()).map_err(|failed| Fault::new(Step::Nice, failed, nice))
}

#[inline(always)]
pub(super) fn set_sched_core(sched_core: Option<SchedCore>, in_thread: bool) -> Result<(), Fault> {
    let own = if in_thread { THREAD } else { THREAD_GROUP };
    let (command, from, scope) = match sched_core {
        None => return Ok(()),
        Some(SchedCore::New) => (PR_SCHED_CORE_CREATE, 0, own),
        // A cookie is taken for the calling thread, the only one that is left after exec.
        Some(SchedCore::Share(from)) => (PR_SCHED_CORE_SHARE_FROM, from, 0),
    };
    // SAFETY: takes no pointers but a null one.
    let set = unsafe { sys!(@ SYS_prctl, PR_SCHED_CORE, command, from, scope, 0, 0) };
    set.map(|_| ()).map_err(|failed| Fault::new(Step::SchedCore, failed, from))
}

/// A label and the file that takes it, opened while that is still allowed.
pub(super) struct OpenLabel<'a> {
    fd: RawFd,
    text: &'a CStr,
    step: Step,
}

#[inline(always)]
pub(super) fn open_label(label: Option<&Label>) -> Result<Option<OpenLabel<'_>>, Fault> {
    let (path, text, step) = match label {
        None => return Ok(None),
        Some(Label::SeLinux(text)) => (c"/proc/thread-self/attr/exec", text, Step::SeLinux),
        Some(Label::AppArmor(text)) => (c"/proc/thread-self/attr/apparmor/exec", text, Step::AppArmor),
    };
    let open = |path: &CStr| {
        // SAFETY: the path is a C string.
        unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC, 0) }
    };
    let mut opened = open(path);
    // Before Linux 5.8 the modules shared one file.
    if opened == Err(Failed(libc::ENOENT)) && step == Step::AppArmor {
        opened = open(c"/proc/thread-self/attr/exec");
    }
    let fault = |failed| Fault::new(step, failed, 0);
    let fd = opened.map_err(fault)? as RawFd;
    procfs::check(fd).map_err(fault)?;
    Ok(Some(OpenLabel { fd, text, step }))
}

#[inline(always)]
pub(super) fn write_label(label: Option<OpenLabel<'_>>) -> Result<(), Fault> {
    let Some(label) = label else { return Ok(()) };
    // SAFETY: the text is as long as said.
    let written = unsafe { sys!(SYS_write, label.fd, label.text.as_ptr(), label.text.count_bytes()) };
    written.map_err(|failed| Fault::new(label.step, failed, 0))?;
    // SAFETY: opened by this child.
    let _ = unsafe { sys!(SYS_close, label.fd) };
    Ok(())
}

/// The signal that the child gets when the thread that started it ends; if that has happened already, the child is not
/// to run.
#[inline(always)]
pub(in crate::spawn) fn die_with_parent(signal: Option<i32>, parent: i32, calls: &mut impl Calls) -> Result<(), Fault> {
    let Some(signal) = signal else { return Ok(()) };
    let operands = [libc::PR_SET_PDEATHSIG as usize, signal as usize, 0, 0, 0];
    calls.call(Step::ParentDeathSignal, signal, libc::SYS_prctl, operands)?;
    calls.expect(Step::ParentDeathSignal, signal, libc::SYS_getppid, parent as usize)
}
