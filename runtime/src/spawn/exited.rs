//! The system calls that tell how a child ended.

use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, poll};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// How many milliseconds the kernel gets to release a process that was reaped.
const RELEASE: u16 = 1_000;

/// Calls waitid(2). Returns `None` if no such child has ended.
pub(super) fn waitid(kind: libc::idtype_t, id: libc::id_t, options: i32) -> Result<Option<ExitStatus>, Errno> {
    let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
    loop {
        // SAFETY: the kernel writes one `siginfo_t`, which lives during the call.
        match Errno::result(unsafe { libc::waitid(kind, id, info.as_mut_ptr(), options) }) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(_) => break,
        }
    }
    // SAFETY: an all-zero `siginfo_t` is valid, and waitid has filled it or left it so.
    let info = unsafe { info.assume_init_ref() };
    // SAFETY: waitid(2) sets the fields of SIGCHLD, or leaves zeroes if no child has ended.
    let pid = unsafe { info.si_pid() };
    // SAFETY: as above.
    let status = unsafe { info.si_status() };
    if pid == 0 {
        return Ok(None);
    }
    Ok(Some(ExitStatus::from_raw(match info.si_code {
        libc::CLD_EXITED => (status & 0xff) << 8,
        libc::CLD_DUMPED => status | 0x80,
        _ => status,
    })))
}

/// Whether waitid(2) can be called. It tells of an end without reaping; a seccomp filter may refuse it.
pub(super) fn can_peek() -> bool {
    let nobody = waitid(libc::P_PID, 0, libc::WEXITED | libc::WNOHANG | libc::WNOWAIT);
    matches!(nobody, Ok(_) | Err(Errno::ECHILD | Errno::EINVAL))
}

/// Calls wait4(2), which reaps the child. Returns `None` if it has not ended.
pub(super) fn wait4(pid: i32, options: i32) -> Result<Option<ExitStatus>, Errno> {
    let mut status = 0;
    loop {
        // SAFETY: the kernel writes one status, which lives during the call; the null pointer asks for no usage.
        match Errno::result(unsafe { libc::wait4(pid, &raw mut status, options, std::ptr::null_mut()) }) {
            Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno),
            Ok(0) => return Ok(None),
            Ok(_) => return Ok(Some(ExitStatus::from_raw(status))),
        }
    }
}

/// The exit status that a pidfd still tells after another waiter has reaped the process (Linux 6.15). `is_gone`: the
/// process is no longer a child of this one.
pub(super) fn remembered(pidfd: &OwnedFd, is_gone: bool) -> Option<ExitStatus> {
    // The kernel looks for the status first and for the process then. A process that is released between the two gives
    // ESRCH, although its status can be had from then on.
    let mut released = false;
    loop {
        let mut info = PidfdInfo { mask: PIDFD_INFO_EXIT, ..PidfdInfo::default() };
        // SAFETY: the kernel writes one `PidfdInfo`, whose size the request carries.
        match Errno::result(unsafe { libc::ioctl(pidfd.as_raw_fd(), PIDFD_GET_INFO as _, &raw mut info) }) {
            Err(Errno::ESRCH) if !released => {
                released = true;
                continue;
            }
            Err(_) => return None,
            Ok(_) => {}
        }
        if info.mask & PIDFD_INFO_EXIT != 0 {
            return Some(ExitStatus::from_raw(info.exit_code));
        }
        if !is_gone {
            return None;
        }
        // The process was reaped, but the kernel has not released it yet. The pidfd hangs up when it does.
        let mut hung_up = [PollFd::new(pidfd.as_fd(), PollFlags::empty())];
        match poll(&mut hung_up, RELEASE) {
            Ok(0) => return None,
            Ok(_) | Err(Errno::EINTR) => {}
            Err(_) => return None,
        }
    }
}

/// From linux/pidfd.h.
const PIDFD_INFO_EXIT: u64 = 1 << 3;
/// `_IOWR(0xFF, 11, struct pidfd_info)`.
const PIDFD_GET_INFO: u64 = 3 << 30 | (size_of::<PidfdInfo>() as u64) << 16 | 0xFF << 8 | 11;

/// `struct pidfd_info` in its first published size.
#[repr(C)]
#[derive(Default)]
struct PidfdInfo {
    mask: u64,
    cgroup_id: u64,
    pid: u32,
    tgid: u32,
    ppid: u32,
    ids: [u32; 8],
    exit_code: i32,
}
