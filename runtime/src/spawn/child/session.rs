//! In the child: the cgroup, the network namespace, the session and the process group.

use super::signals;
use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{Failed, sys};
use crate::spec::settings::Leads;
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

/// `in_place`: in a process that is replaced, and may lead already what it is to lead.
#[inline(always)]
pub(super) fn lead(leads: Option<Leads>, in_place: bool) -> Result<(), Fault> {
    let Some(leads) = leads else { return Ok(()) };
    if leads == Leads::Group {
        // SAFETY: takes no pointers.
        let led = unsafe { sys!(SYS_setpgid, 0, 0) };
        return match led {
            // The leader of a session leads a group, and cannot lead another.
            Err(Failed(libc::EPERM)) if in_place && leads_session() => Ok(()),
            led => led.map(|_| ()).map_err(|failed| Fault::new(Step::ProcessGroup, failed, 0)),
        };
    }
    // SAFETY: takes no pointers.
    let led = unsafe { sys!(SYS_setsid) };
    if led == Err(Failed(libc::EPERM)) && in_place && leads_session() {
        return keep_session(leads);
    }
    led.map_err(|failed| Fault::new(Step::Session, failed, 0))?;
    if leads == Leads::SessionWithTerminal {
        take_terminal().map_err(|failed| Fault::new(Step::Terminal, failed, 0))?;
    }
    Ok(())
}

/// The session that this process leads already, without a terminal or with the one that is declared.
#[cold]
fn keep_session(leads: Leads) -> Result<(), Fault> {
    if leads == Leads::Session {
        return leave_terminal().map_err(|failed| Fault::new(Step::Session, failed, 0));
    }
    let taken = match take_terminal() {
        Err(Failed(libc::EPERM)) => leave_terminal().and_then(|()| take_terminal()),
        taken => taken,
    };
    taken.map_err(|failed| Fault::new(Step::Terminal, failed, 0))
}

#[inline(always)]
fn take_terminal() -> Result<(), Failed> {
    // SAFETY: stdin is in its place; the operand is a number.
    unsafe { sys!(SYS_ioctl, 0, libc::TIOCSCTTY, 0) }.map(|_| ())
}

/// Whether this process leads its session.
#[cold]
fn leads_session() -> bool {
    // SAFETY: takes no pointers.
    let session = unsafe { sys!(SYS_getsid, 0) };
    // SAFETY: takes no pointers.
    session.is_ok() && session == unsafe { sys!(SYS_getpid) }
}

/// Gives the controlling terminal up, as the leader of a new session has none. The kernel hangs up those in the
/// foreground, of which this process is to go on.
#[cold]
fn leave_terminal() -> Result<(), Failed> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_NONBLOCK | libc::O_CLOEXEC;
    // SAFETY: the path is a C string.
    let terminal = match unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/dev/tty".as_ptr(), flags, 0) } {
        // There is none.
        Err(Failed(libc::ENXIO)) => return Ok(()),
        opened => opened?,
    };
    let left = signals::without_hangup(|| {
        // SAFETY: takes no pointers.
        unsafe { sys!(SYS_ioctl, terminal, libc::TIOCNOTTY, 0) }
    });
    // SAFETY: opened above.
    let _ = unsafe { sys!(SYS_close, terminal) };
    left.map(|_| ())
}
