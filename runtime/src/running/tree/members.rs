//! Kills the members of a control group and of those below it one by one, if `cgroup.kill` cannot be written.

use super::files::{open, read, subgroups};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// How often the members are listed. Each pass finds those that were created during the one before.
const ROUNDS: usize = 64;

/// The maximum depth of groups below groups; each level takes a descriptor.
const DEPTH: usize = 32;

/// Freezes the group, so that no member can fork, and kills all members. SIGKILL also kills frozen processes.
pub(super) fn kill(folder: &OwnedFd) {
    if let Ok(freeze) = open(folder, c"cgroup.freeze", OFlag::O_WRONLY) {
        let _ = nix::unistd::write(&freeze, b"1");
    }
    for _ in 0..ROUNDS {
        let mut any = false;
        each(folder, DEPTH, &mut any);
        if !any {
            return;
        }
    }
}

fn each(folder: &OwnedFd, depth: usize, any: &mut bool) {
    for pid in pids(folder) {
        *any = true;
        let Ok(process) = pidfd_open(pid) else { continue };
        // Checked after pidfd_open: the process that has this pid now is a member.
        if pids(folder).contains(&pid) {
            // SAFETY: the descriptor is a pidfd, and the only pointer is null.
            unsafe { libc::syscall(libc::SYS_pidfd_send_signal, process.as_raw_fd(), libc::SIGKILL, 0, 0) };
        }
    }
    if let Some(depth) = depth.checked_sub(1) {
        for name in subgroups(folder) {
            if let Ok(below) = open(folder, &name, OFlag::O_DIRECTORY) {
                each(&below, depth, any);
            }
        }
    }
}

fn pids(folder: &OwnedFd) -> Vec<i32> {
    let Ok(procs) = open(folder, c"cgroup.procs", OFlag::O_RDONLY) else { return Vec::new() };
    let members = read(&File::from(procs)).unwrap_or_default();
    let numbers = members.split(|byte| *byte == b'\n').filter_map(|line| std::str::from_utf8(line).ok()?.parse().ok());
    // The pid of a member in another PID namespace is shown as 0.
    numbers.filter(|pid| *pid > 0).collect()
}

fn pidfd_open(pid: i32) -> Result<OwnedFd, Errno> {
    // SAFETY: pidfd_open takes no pointers.
    let opened = Errno::result(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })?;
    // SAFETY: pidfd_open has just returned the descriptor, so nothing else owns it.
    Ok(unsafe { OwnedFd::from_raw_fd(opened as i32) })
}
