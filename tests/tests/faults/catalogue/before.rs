//! Calls of the parent before the child is created, and the calls that create it.

use super::look::*;
use super::{Ends::*, Row};
use crate::supervisor::Call;
use libc::*;

#[cfg(target_arch = "x86_64")]
const READLINK: c_long = SYS_readlink;
#[cfg(not(target_arch = "x86_64"))]
const READLINK: c_long = SYS_readlinkat;

pub(super) const ROWS: &[Row] = &[
    Row {
        name: "memfd_create, for `data`",
        is_it: |call| makes_file(call, "data"),
        ends: &[(&[EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM], Fails("Data"))],
    },
    Row {
        name: "write, of `data`",
        is_it: |call| parents(call, SYS_write) && !is_pipe(call, 0),
        ends: &[(&[EINTR], Runs), (&[ENOSPC, ENOMEM, EIO], Either("Data"))],
    },
    Row {
        name: "lseek, of `data`",
        is_it: |call| parents(call, SYS_lseek),
        ends: &[(&[EINVAL, ESPIPE], Fails("Data"))],
    },
    Row {
        name: "fcntl F_ADD_SEALS, of `data`",
        is_it: |call| is_fcntl(call, F_ADD_SEALS),
        ends: &[(&[EPERM, EBUSY, EINVAL], Fails("Data"))],
    },
    Row {
        name: "openat, of a stream's file",
        is_it: |call| call.by_parent && opens(call, |path| path.ends_with("/report")),
        ends: &[
            (&[EINTR], Runs),
            (
                &[EACCES, EDQUOT, EISDIR, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EROFS],
                Fails("OpenStream"),
            ),
        ],
    },
    Row {
        name: "pipe2",
        // Includes the pipe of an `exec` with a closure.
        is_it: |call| is(call, SYS_pipe2) && (call.by_parent || !is_maker(call)),
        ends: &[(&[EMFILE, ENFILE], Fails("Pipe|Report|Handshake"))],
    },
    Row {
        name: "fcntl F_SETFL, of a pipe",
        is_it: |call| is_fcntl(call, F_SETFL),
        ends: &[(&[EBADF, EPERM], Fails("Pipe"))],
    },
    Row {
        name: "fcntl F_DUPFD_CLOEXEC, aside",
        is_it: |call| is_fcntl(call, F_DUPFD_CLOEXEC),
        ends: &[(&[EMFILE, EINVAL], Either("Report|Pipe|Data|Daemon|Handshake"))],
    },
    Row {
        name: "fcntl F_SETPIPE_SZ",
        is_it: |call| is_fcntl(call, F_SETPIPE_SZ),
        ends: &[(&[EPERM, EBUSY, ENOMEM], Runs)],
    },
    Row {
        name: "capget",
        is_it: |call| is(call, SYS_capget),
        ends: &[(&[EPERM, EINVAL, ESRCH], Fails("Capabilities"))],
    },
    Row {
        name: "prctl PR_CAPBSET_READ",
        is_it: |call| is_prctl(call, PR_CAPBSET_READ),
        // EINVAL for a number beyond the last capability is correct, and ends the loop.
        ends: &[(&[EINVAL], Either("Capabilities"))],
    },
    Row {
        name: "getgroups, getresuid, getresgid",
        is_it: |call| [SYS_getgroups, SYS_getresuid, SYS_getresgid].contains(&call.number),
        // If the current ids cannot be read, they are set.
        ends: &[(&[EFAULT, EPERM], Runs)],
    },
    Row {
        name: "openat `/proc/sys/kernel/ngroups_max`, by libc for getgroups",
        is_it: |call| opens(call, |path| path == "/proc/sys/kernel/ngroups_max"),
        ends: &[(&[EACCES, EMFILE, ENOENT], Runs)],
    },
    Row {
        name: "fchown, of a pipe",
        is_it: |call| is(call, SYS_fchown),
        ends: &[(&[EDQUOT, EIO, EPERM, EROFS], Runs)],
    },
    Row {
        name: "readlink, of the PID namespace",
        is_it: |call| parents(call, READLINK),
        ends: &[(&[EACCES, EIO, ENOMEM], Runs)],
    },
    Row {
        name: "mmap, of the stack",
        is_it: |call| parents(call, SYS_mmap) && has(call, 3, MAP_STACK),
        ends: &[(&[ENOMEM, EAGAIN, EPERM], Fails("Stack"))],
    },
    Row {
        name: "mmap, of the report",
        is_it: |call| parents(call, SYS_mmap) && has(call, 3, MAP_SHARED) && has(call, 3, MAP_ANONYMOUS),
        ends: &[(&[ENOMEM, EAGAIN, EPERM], Fails("Stack"))],
    },
    Row {
        name: "mprotect, of the guard",
        is_it: |call| parents(call, SYS_mprotect) && call.operands[2] == PROT_NONE as u64,
        ends: &[(&[ENOMEM, EACCES], Fails("Stack"))],
    },
    Row {
        name: "madvise MADV_WIPEONFORK, of the stack",
        is_it: |call| wipes_on_fork(call) && call.operands[1] > 4096,
        ends: &[(&[EINVAL, ENOMEM, EAGAIN], Fails("Stack"))],
    },
    Row {
        name: "madvise MADV_WIPEONFORK, of the page that a fork is told by",
        is_it: |call| wipes_on_fork(call) && call.operands[1] == 4096,
        ends: &[(&[EINVAL, ENOMEM, EAGAIN], Runs)],
    },
    Row {
        name: "socketpair",
        is_it: |call| is(call, SYS_socketpair),
        ends: &[(&[EMFILE, ENFILE, ENOMEM, EAFNOSUPPORT, EACCES], Fails("Daemon"))],
    },
    Row {
        name: "prctl PR_GET_SECUREBITS",
        is_it: |call| is_prctl(call, PR_GET_SECUREBITS),
        ends: &[(&[EINVAL, EPERM], Runs)],
    },
    Row {
        name: "openat `/proc/thread-self/attr/current`",
        is_it: |call| opens(call, |path| path == "/proc/thread-self/attr/current"),
        ends: &[(&[EACCES, EMFILE, ENOENT, EPERM], Runs)],
    },
    Row {
        name: "read, of that",
        is_it: |call| is(call, SYS_read) && !is_pipe(call, 0) && !is_file(call, "/oom_score_adj"),
        ends: &[(&[EINTR, EIO, EACCES], Runs)],
    },
    Row {
        name: "memfd_create, for the stage",
        is_it: |call| makes_file(call, "airtight-stage"),
        ends: &[(&[EACCES, EINVAL, EMFILE, ENFILE, ENOMEM, ENOSYS, EPERM], Runs)],
    },
    Row {
        name: "clone3 CLONE_INTO_CGROUP",
        is_it: |call| is(call, SYS_clone3) && clone3_flags(call) >> 33 & 1 != 0,
        ends: &[(&[EACCES, EBADF, EBUSY, EINVAL, EOPNOTSUPP, ENOSYS, EPERM, E2BIG, ENODEV], Runs)],
    },
    Row {
        name: "clone3, of the thread of `exec`",
        is_it: |call| is(call, SYS_clone3) && clone3_flags(call) & CLONE_THREAD as u64 != 0,
        // Made by libc, which falls back to clone.
        ends: &[(&[ENOSYS], Runs), (&[EAGAIN, EPERM], Fails("Clone"))],
    },
    Row {
        name: "clone, of the thread of `exec`",
        is_it: |call| is(call, SYS_clone) && has(call, 0, CLONE_THREAD),
        ends: &[(&[EAGAIN, EPERM], Fails("Clone"))],
    },
    Row {
        name: "clone3",
        is_it: |call| is(call, SYS_clone3),
        ends: &[(&[EINVAL, ENOSYS, EPERM], Runs), (&[EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EUSERS], Fails("Clone"))],
    },
    Row {
        name: "clone CLONE_PIDFD",
        is_it: |call| parents(call, SYS_clone) && has(call, 0, CLONE_PIDFD),
        ends: &[(&[EINVAL, EPERM, ENOSYS], Runs), (&[EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC], Fails("Clone"))],
    },
    Row {
        name: "clone",
        is_it: |call| parents(call, SYS_clone),
        // With fewer flags there may be a fallback.
        ends: &[(&[EPERM, EINVAL, ENOSYS], Either("Clone")), (&[EAGAIN, ENOMEM, ENOSPC], Fails("Clone"))],
    },
    Row {
        name: "pidfd_open",
        is_it: |call| is(call, SYS_pidfd_open),
        ends: &[(&[EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ENOSYS, EPERM, ESRCH], Runs)],
    },
];

fn wipes_on_fork(call: &Call) -> bool {
    parents(call, SYS_madvise) && call.operands[2] == MADV_WIPEONFORK as u64
}
