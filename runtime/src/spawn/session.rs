//! In the child: the cgroup, the network namespace, the session and the process group.

use super::child::Fault;
use super::sys::sys;
use crate::error::Step;
use crate::process::Leads;
use std::os::fd::RawFd;

/// Where the kernel did not put the child into its cgroup at once: it moves itself.
#[inline(always)]
pub(super) fn enter_cgroup(group: RawFd) -> Result<(), Fault> {
    let fault = |failed| Fault::new(Step::Cgroup, failed, group);
    // SAFETY: the name is a C string; the table is the child's own.
    let opened = unsafe { sys!(SYS_openat, group, c"cgroup.procs".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC, 0) };
    let procs = opened.map_err(fault)?;
    // SAFETY: one byte of a literal; `0` is the process that writes.
    unsafe { sys!(SYS_write, procs, c"0".as_ptr(), 1) }.map_err(fault)?;
    // SAFETY: opened above.
    let _ = unsafe { sys!(SYS_close, procs) };
    Ok(())
}

#[inline(always)]
pub(super) fn enter_netns(namespace: RawFd) -> Result<(), Fault> {
    // SAFETY: takes no pointers.
    unsafe { sys!(SYS_setns, namespace, libc::CLONE_NEWNET) }
        .map(|_| ())
        .map_err(|failed| Fault::new(Step::Netns, failed, namespace))
}

#[inline(always)]
pub(super) fn lead(leads: Option<Leads>) -> Result<(), Fault> {
    match leads {
        None => return Ok(()),
        Some(Leads::Group) => {
            // SAFETY: takes no pointers.
            unsafe { sys!(SYS_setpgid, 0, 0) }.map_err(|failed| Fault::new(Step::ProcessGroup, failed, 0))?;
        }
        Some(Leads::Session | Leads::SessionWithTerminal) => {
            // SAFETY: takes no pointers.
            unsafe { sys!(SYS_setsid) }.map_err(|failed| Fault::new(Step::Session, failed, 0))?;
        }
    }
    if leads == Some(Leads::SessionWithTerminal) {
        // SAFETY: stdin is in its place; the operand is a number.
        unsafe { sys!(SYS_ioctl, 0, libc::TIOCSCTTY, 0) }.map_err(|failed| Fault::new(Step::Terminal, failed, 0))?;
    }
    Ok(())
}
