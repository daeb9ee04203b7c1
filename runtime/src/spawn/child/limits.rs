//! In the child: resource limits, the nice value, core scheduling.

use crate::error::Step;
use crate::spawn::before::Before;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::sys;
use crate::spec::settings::{Limit, SchedCore};

/// From linux/prctl.h.
const PR_SCHED_CORE: i32 = 62;
const PR_SCHED_CORE_CREATE: i32 = 1;
const PR_SCHED_CORE_SHARE_FROM: i32 = 3;
/// The scope of a core scheduling cookie: a thread, or a process with all its threads.
const THREAD: i32 = 0;
const THREAD_GROUP: i32 = 1;

#[inline(always)]
pub(super) fn set_limits(limits: &[Limit], before: Option<&Before>) -> Result<(), FailedStep> {
    for limit in limits {
        let values = libc::rlimit64 { rlim_cur: limit.soft, rlim_max: limit.hard };
        let mut was = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the kernel reads one `rlimit64` and writes the other; both live during the call.
        unsafe { sys!(SYS_prlimit64, 0, limit.resource, &raw const values, &raw mut was) }
            .map_err(|failed| FailedStep::new(Step::Limit, failed, limit.resource as i32))?;
        if let Some(before) = before {
            before.note_limit(limit.resource, was);
        }
    }
    Ok(())
}

#[inline(always)]
pub(super) fn set_nice(nice: Option<i32>) -> Result<(), FailedStep> {
    let Some(nice) = nice else { return Ok(()) };
    // SAFETY: setpriority takes no pointers.
    let set = unsafe { sys!(SYS_setpriority, libc::PRIO_PROCESS, 0, nice) };
    set.map(|_| ()).map_err(|failed| FailedStep::new(Step::Nice, failed, nice))
}

#[inline(always)]
pub(super) fn set_sched_core(sched_core: Option<SchedCore>, in_thread: bool) -> Result<(), FailedStep> {
    let own = if in_thread { THREAD } else { THREAD_GROUP };
    let (command, from, scope) = match sched_core {
        None => return Ok(()),
        Some(SchedCore::New) => (PR_SCHED_CORE_CREATE, 0, own),
        // PR_SCHED_CORE_SHARE_FROM sets the cookie of the calling thread, the only one that remains after exec.
        Some(SchedCore::Share(from)) => (PR_SCHED_CORE_SHARE_FROM, from, 0),
    };
    // SAFETY: the only pointer is null.
    let set = unsafe { sys!(@ SYS_prctl, PR_SCHED_CORE, command, from, scope, 0, 0) };
    set.map(|_| ()).map_err(|failed| FailedStep::new(Step::SchedCore, failed, from))
}
