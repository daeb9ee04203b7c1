//! In the child: the cgroup, the network namespace, the session and the process group.

use super::signals;
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use crate::spec::settings::Leads;
use std::os::fd::RawFd;

/// Moves this process into its cgroup, if the clone call has not.
#[inline(always)]
pub(super) fn enter_cgroup(group: RawFd) -> Result<(), FailedStep> {
    let fault = |failed| FailedStep::new(Step::Cgroup, failed, group);
    // SAFETY: the name is a C string.
    let opened = unsafe { sys!(SYS_openat, group, c"cgroup.procs".as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC, 0) };
    let procs = opened.map_err(fault)?;
    // SAFETY: the pointer refers to a literal, of which one byte is written; `0` names the writing process.
    unsafe { sys!(SYS_write, procs, c"0".as_ptr(), 1) }.map_err(fault)?;
    // SAFETY: close takes no pointers, and the descriptor was opened above.
    let _ = unsafe { sys!(SYS_close, procs) };
    Ok(())
}

#[inline(always)]
pub(super) fn enter_netns(namespace: RawFd) -> Result<(), FailedStep> {
    // SAFETY: setns takes no pointers.
    unsafe { sys!(SYS_setns, namespace, libc::CLONE_NEWNET) }
        .map(|_| ())
        .map_err(|failed| FailedStep::new(Step::Netns, failed, namespace))
}

/// Makes this process the leader of a session or of a group. `in_place`: the process calls `exec`, and may already be
/// such a leader.
#[inline(always)]
pub(super) fn lead(leads: Option<Leads>, in_place: bool) -> Result<(), FailedStep> {
    let Some(leads) = leads else { return Ok(()) };
    if leads == Leads::Group {
        // SAFETY: setpgid takes no pointers.
        let led = unsafe { sys!(SYS_setpgid, 0, 0) };
        return match led {
            // A session leader leads its group already, and setpgid refuses to move it.
            Err(Failed(libc::EPERM)) if in_place && leads_session() => Ok(()),
            led => led.map(|_| ()).map_err(|failed| FailedStep::new(Step::ProcessGroup, failed, 0)),
        };
    }
    // SAFETY: setsid takes no pointers.
    let led = unsafe { sys!(SYS_setsid) };
    if led == Err(Failed(libc::EPERM)) && in_place && leads_session() {
        return keep_session(leads);
    }
    led.map_err(|failed| FailedStep::new(Step::Session, failed, 0))?;
    if leads == Leads::SessionWithTerminal {
        take_terminal().map_err(|failed| FailedStep::new(Step::Terminal, failed, 0))?;
    }
    Ok(())
}

/// Keeps the session that this process leads already. Gives up its controlling terminal, or takes the declared one.
#[cold]
fn keep_session(leads: Leads) -> Result<(), FailedStep> {
    if leads == Leads::Session {
        return leave_terminal().map_err(|failed| FailedStep::new(Step::Session, failed, 0));
    }
    let taken = match take_terminal() {
        Err(Failed(libc::EPERM)) => leave_terminal().and_then(|()| take_terminal()),
        taken => taken,
    };
    taken.map_err(|failed| FailedStep::new(Step::Terminal, failed, 0))
}

#[inline(always)]
fn take_terminal() -> Result<(), Failed> {
    // SAFETY: TIOCSCTTY takes a number. By now the declared terminal is stdin.
    unsafe { sys!(SYS_ioctl, 0, libc::TIOCSCTTY, 0) }.map(|_| ())
}

/// Whether this process is a session leader.
#[cold]
fn leads_session() -> bool {
    // SAFETY: getsid takes no pointers.
    let session = unsafe { sys!(SYS_getsid, 0) };
    // SAFETY: getpid takes no pointers.
    session.is_ok() && session == unsafe { sys!(SYS_getpid) }
}

/// Gives up the controlling terminal, so that the session has none, as a new one. The kernel then sends SIGHUP to the
/// foreground group, which may include this process.
#[cold]
fn leave_terminal() -> Result<(), Failed> {
    let flags = libc::O_RDWR | libc::O_NOCTTY | libc::O_NONBLOCK | libc::O_CLOEXEC;
    // SAFETY: the path is a C string.
    let terminal = match unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/dev/tty".as_ptr(), flags, 0) } {
        // There is no controlling terminal.
        Err(Failed(libc::ENXIO)) => return Ok(()),
        opened => opened?,
    };
    let left = signals::without_hangup(|| {
        // SAFETY: TIOCNOTTY takes no pointer.
        unsafe { sys!(SYS_ioctl, terminal, libc::TIOCNOTTY, 0) }
    });
    // SAFETY: close takes no pointers, and the descriptor was opened above.
    let _ = unsafe { sys!(SYS_close, terminal) };
    left.map(|_| ())
}
