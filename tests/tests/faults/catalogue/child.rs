//! Calls of the child, and of the process that creates a daemon.

use super::look::*;
use super::{Ends::*, Row};
use crate::supervisor::text_at;
use libc::*;

const OOM: &str = "/proc/self/oom_score_adj";

pub(super) const ROWS: &[Row] = &[
    // A process that is replaced opens it too, to restore it.
    Row {
        name: "openat, of the OOM score adjustment",
        is_it: |call| opens(call, |path| path == OOM),
        ends: &[(&[EINTR], Either("OomScoreAdj")), (&[EACCES, EMFILE, ENFILE, ENOENT, ENOMEM], Fails("OomScoreAdj"))],
    },
    Row {
        name: "fstatfs, of the OOM score adjustment",
        is_it: |call| is(call, SYS_fstatfs) && is_file(call, "/oom_score_adj"),
        ends: &[(&[EACCES, EINTR, EIO, ENOMEM, ENOSYS], Fails("OomScoreAdj"))],
    },
    Row {
        name: "read, of the OOM score adjustment",
        is_it: |call| is(call, SYS_read) && is_file(call, "/oom_score_adj"),
        ends: &[(&[EIO, ENOMEM, ESRCH], Fails("OomScoreAdj"))],
    },
    Row {
        name: "write, of the OOM score adjustment",
        is_it: |call| is(call, SYS_write) && is_file(call, "/oom_score_adj"),
        ends: &[(&[EACCES, EINTR, EINVAL, ENOMEM, ESRCH], Fails("OomScoreAdj"))],
    },
    Row {
        name: "sched_setaffinity",
        is_it: |call| is(call, SYS_sched_setaffinity),
        ends: &[(&[EFAULT, EINVAL, ENOMEM, EPERM, ESRCH], Fails("Cpus"))],
    },
    // The libc calls it too, as the thread of `exec` starts.
    Row {
        name: "sched_getaffinity",
        is_it: |call| is(call, SYS_sched_getaffinity),
        ends: &[(&[EFAULT, EINVAL, ENOMEM, ESRCH], Either("Cpus"))],
    },
    Row {
        name: "rt_sigaction, of the child",
        is_it: |call| childs(call, SYS_rt_sigaction) && sets_action(call),
        ends: &[(&[EINVAL, EPERM], Fails("ResetSignals"))],
    },
    Row {
        name: "close_range CLOSE_RANGE_UNSHARE",
        is_it: |call| is(call, SYS_close_range) && call.operands[2] & 2 != 0,
        ends: &[(&[EINVAL, EMFILE, ENOMEM, ENOSYS, EPERM], Runs)],
    },
    Row {
        name: "close_range",
        is_it: |call| is(call, SYS_close_range),
        ends: &[(&[EINVAL, EMFILE, ENOMEM, ENOSYS, EPERM], Runs)],
    },
    Row {
        name: "unshare CLONE_FS, of the thread of `exec`",
        is_it: |call| is(call, SYS_unshare) && has(call, 0, CLONE_FS),
        ends: &[(&[EINVAL, ENOMEM, EPERM, ENOSYS], Runs)],
    },
    Row {
        name: "setitimer",
        is_it: |call| is(call, SYS_setitimer),
        ends: &[(&[EFAULT, EINVAL], Fails("ResetSignals"))],
    },
    Row {
        name: "unshare CLONE_FILES",
        is_it: |call| is(call, SYS_unshare),
        ends: &[(&[EINVAL, ENOMEM, EPERM, ENOSYS], Fails("CloseDescriptors"))],
    },
    Row {
        name: "openat `/proc/thread-self/fd`",
        is_it: |call| opens(call, |path| path == "/proc/thread-self/fd"),
        ends: &[(&[EACCES, EMFILE, ENFILE, ENOENT, ENOMEM], Runs)],
    },
    Row {
        name: "fstatfs, of that",
        is_it: |call| is(call, SYS_fstatfs) && is_directory(call),
        ends: &[(&[EACCES, EINTR, EIO, ENOMEM, ENOSYS], Runs)],
    },
    Row { name: "lseek, of that", is_it: |call| childs(call, SYS_lseek), ends: &[(&[EINVAL, ESPIPE], Runs)] },
    Row {
        name: "getdents64, of that",
        is_it: |call| is(call, SYS_getdents64),
        ends: &[(&[EINVAL, ENOENT, ENOTDIR, EIO], Runs)],
    },
    Row {
        name: "openat `cgroup.procs`",
        is_it: |call| opens(call, |path| path == "cgroup.procs"),
        ends: &[(&[EACCES, EMFILE, ENFILE, ENOENT, ENODEV, ENOMEM], Fails("Cgroup"))],
    },
    Row {
        name: "write, to the pidfile",
        is_it: |call| childs(call, SYS_write) && is_pidfile(call),
        ends: &[(&[EINTR], Runs), (&[EDQUOT, EFBIG, EIO, ENOSPC], Fails("Pidfile"))],
    },
    Row {
        name: "write, the word that all is ready, or that the program is executed",
        is_it: |call| childs(call, SYS_write) && call.operands[2] == 1 && is_pipe(call, 0) && !is_stage(call),
        ends: &[(&[EAGAIN, EINTR, EIO, EPIPE], Fails("Handshake|Report"))],
    },
    Row {
        name: "write, of the stage, that it executes",
        is_it: |call| childs(call, SYS_write) && is_stage(call),
        ends: &[(&[EINTR, EIO, EPIPE], Fails("Report"))],
    },
    Row {
        name: "write, to `cgroup.procs`",
        is_it: |call| childs(call, SYS_write) && call.operands[2] == 1,
        ends: &[(&[EACCES, EAGAIN, EBUSY, ENODEV, EOPNOTSUPP, EPERM, ESRCH], Fails("Cgroup"))],
    },
    Row {
        name: "write, of the report",
        is_it: |call| childs(call, SYS_write) && call.operands[2] == 12 && is_pipe(call, 0),
        ends: &[(&[EAGAIN, EINTR, EIO, EPIPE], Runs)],
    },
    Row {
        name: "write, of the label",
        is_it: |call| childs(call, SYS_write),
        ends: &[(&[EACCES, EAGAIN, EINVAL, ENOENT, ENOMEM, EPERM], Fails("SeLinux"))],
    },
    Row {
        name: "setns",
        is_it: |call| is(call, SYS_setns),
        ends: &[(&[EBADF, EINVAL, ENOMEM, EPERM], Fails("Netns"))],
    },
    Row {
        name: "openat `/dev/null`",
        is_it: |call| childs(call, SYS_openat) && opens(call, |path| path == "/dev/null"),
        ends: &[(&[EACCES, EINTR, ELOOP, EMFILE, ENFILE, ENODEV, ENOENT, ENOMEM, ENXIO, EPERM], Fails("DevNull"))],
    },
    Row {
        name: "fstat, of the pidfile",
        is_it: |call| childs(call, SYS_fstat) && is_pidfile(call),
        ends: &[(&[EIO, ENOMEM, EOVERFLOW], Fails("Pidfile"))],
    },
    Row {
        name: "fstat, of `/dev/null`",
        is_it: |call| childs(call, SYS_fstat),
        ends: &[(&[EIO, ENOMEM, EOVERFLOW], Fails("DevNull"))],
    },
    Row {
        name: "dup3",
        is_it: |call| is(call, SYS_dup3),
        ends: &[(&[EBADF, EBUSY, EINTR, EMFILE], Fails("MoveDescriptor|DevNull"))],
    },
    Row {
        name: "setpgid",
        is_it: |call| is(call, SYS_setpgid),
        ends: &[(&[EACCES, EPERM, ESRCH], Fails("ProcessGroup"))],
    },
    Row { name: "setsid", is_it: |call| is(call, SYS_setsid), ends: &[(&[EPERM], Fails("Session"))] },
    Row {
        name: "ioctl TIOCSCTTY",
        is_it: |call| is(call, SYS_ioctl) && call.operands[1] as u32 == TIOCSCTTY as u32,
        ends: &[(&[EINVAL, EIO, ENOTTY, EPERM], Fails("Terminal"))],
    },
    Row {
        name: "chdir `/`, of a daemon",
        is_it: |call| is(call, SYS_chdir) && text_at(call.pid, call.operands[0]) == "/",
        ends: &[(&[EACCES, EIO, ENOMEM], Fails("Chdir"))],
    },
    Row {
        name: "pipe2, of a daemon in a copy",
        is_it: |call| childs(call, SYS_pipe2),
        ends: &[(&[EMFILE, ENFILE], Fails("Daemon"))],
    },
    Row {
        name: "clone, of a daemon",
        is_it: |call| childs(call, SYS_clone),
        // In a copy there is a fallback.
        ends: &[(&[EINVAL], Either("Daemon")), (&[EAGAIN, ENOMEM, ENOSPC, EPERM], Fails("Daemon"))],
    },
    Row {
        name: "openat, of the pidfile",
        is_it: |call| childs(call, SYS_openat) && opens(call, |path| path.ends_with("/x.pid")),
        ends: &[(
            &[EACCES, EDQUOT, EINTR, EISDIR, ELOOP, EMFILE, ENFILE, ENOENT, ENOMEM, ENOSPC, ENOTDIR, EROFS, ENXIO],
            Fails("Pidfile"),
        )],
    },
    Row {
        name: "fcntl F_SETLK",
        is_it: |call| is_fcntl(call, F_SETLK),
        ends: &[(&[EACCES, EAGAIN, EDEADLK, EINTR, EINVAL, ENOLCK], Fails("PidfileLock"))],
    },
    Row {
        name: "newfstatat, of the pidfile",
        is_it: |call| childs(call, SYS_newfstatat),
        ends: &[(&[ENOENT], Runs), (&[EACCES, EIO, ELOOP, ENOMEM], Fails("Pidfile"))],
    },
    Row {
        name: "ftruncate",
        is_it: |call| is(call, SYS_ftruncate),
        ends: &[(&[EFBIG, EINTR, EINVAL, EIO, EPERM], Fails("Pidfile"))],
    },
    Row {
        name: "fcntl F_SETFD, of the pidfile",
        is_it: |call| childs(call, SYS_fcntl) && is_fcntl(call, F_SETFD) && is_pidfile(call),
        ends: &[(&[EBADF], Fails("Pidfile"))],
    },
    Row {
        name: "fcntl F_SETFD, before the stage",
        // Not a stream: the stage inherits streams unchanged.
        is_it: |call| {
            is_fcntl(call, F_SETFD)
                && call.operands[0] > 2
                && !is_stage(call)
                && (is_pipe(call, 0) || is_directory(call))
        },
        ends: &[(&[EBADF], Runs)],
    },
    Row {
        name: "fcntl F_SETFD, in the stage",
        is_it: |call| is_fcntl(call, F_SETFD) && is_stage(call),
        ends: &[(&[EBADF], Fails("Report"))],
    },
    Row {
        name: "fcntl F_SETFD, of a passed descriptor",
        is_it: |call| is_fcntl(call, F_SETFD),
        ends: &[(&[EBADF], Fails("MoveDescriptor"))],
    },
    Row {
        name: "openat, for the label",
        is_it: |call| childs(call, SYS_openat) && opens(call, |path| path.starts_with("/proc/thread-self/attr/")),
        ends: &[(&[EACCES, EMFILE, ENFILE, ENOENT, ENOMEM], Fails("SeLinux"))],
    },
    Row {
        name: "fstatfs, of the label's file",
        is_it: |call| is(call, SYS_fstatfs),
        ends: &[(&[EACCES, EINTR, EIO, ENOMEM, ENOSYS], Fails("SeLinux"))],
    },
    Row {
        name: "prlimit64",
        is_it: |call| childs(call, SYS_prlimit64),
        ends: &[(&[EFAULT, EINVAL, EPERM], Fails("Limit"))],
    },
    Row {
        name: "setpriority",
        is_it: |call| is(call, SYS_setpriority),
        ends: &[(&[EACCES, EPERM, ESRCH], Fails("Nice"))],
    },
    Row {
        name: "prctl PR_SCHED_CORE",
        is_it: |call| is_prctl(call, 62),
        ends: &[(&[EINVAL, ENODEV, ENOMEM, EPERM, ESRCH], Fails("SchedCore"))],
    },
    Row {
        name: "execveat, of the stage",
        is_it: |call| is(call, SYS_execveat),
        ends: &[
            (&[EACCES, EAGAIN, EINVAL, EIO, ELIBBAD, ENOENT, ENOEXEC, ENOMEM, ENOSYS, EPERM, ETXTBSY], Runs),
            (&[E2BIG], Fails("Exec")),
        ],
    },
    Row {
        name: "prctl PR_CAPBSET_DROP",
        is_it: |call| is_prctl(call, PR_CAPBSET_DROP),
        ends: &[(&[EINVAL, EPERM], Fails("BoundingSet"))],
    },
    Row {
        name: "prctl PR_SET_KEEPCAPS",
        is_it: |call| is_prctl(call, PR_SET_KEEPCAPS),
        ends: &[(&[EINVAL, EPERM], Fails("Capabilities"))],
    },
    Row {
        name: "setgroups",
        is_it: |call| is(call, SYS_setgroups),
        ends: &[(&[EINVAL, ENOMEM, EPERM], Fails("Groups"))],
    },
    Row { name: "setresgid", is_it: |call| is(call, SYS_setresgid), ends: &[(&[EAGAIN, EINVAL, EPERM], Fails("Gid"))] },
    Row {
        name: "setresuid",
        is_it: |call| is(call, SYS_setresuid),
        ends: &[(&[EAGAIN, EINVAL, ENOMEM, EPERM], Fails("Uid"))],
    },
    Row {
        name: "capset",
        is_it: |call| is(call, SYS_capset),
        ends: &[(&[EFAULT, EINVAL, EPERM, ENOMEM], Fails("Capabilities"))],
    },
    Row {
        name: "prctl PR_CAP_AMBIENT",
        is_it: |call| is_prctl(call, PR_CAP_AMBIENT),
        ends: &[(&[EINVAL, EPERM], Fails("Ambient"))],
    },
    Row {
        name: "prctl PR_SET_NO_NEW_PRIVS",
        is_it: |call| is_prctl(call, PR_SET_NO_NEW_PRIVS),
        ends: &[(&[EINVAL, EPERM], Fails("NoNewPrivs"))],
    },
    Row {
        name: "chdir",
        is_it: |call| is(call, SYS_chdir),
        ends: &[(&[EACCES, EIO, ELOOP, ENAMETOOLONG, ENOENT, ENOMEM, ENOTDIR], Fails("Chdir"))],
    },
    Row {
        name: "fchdir",
        is_it: |call| is(call, SYS_fchdir),
        ends: &[(&[EACCES, EBADF, EIO, ENOTDIR], Fails("Chdir"))],
    },
    Row {
        name: "prctl PR_SET_PDEATHSIG",
        is_it: |call| is_prctl(call, PR_SET_PDEATHSIG),
        ends: &[(&[EINVAL, EPERM], Fails("ParentDeathSignal"))],
    },
    Row {
        name: "read, of the parent's word, or of a daemon's exec",
        is_it: |call| childs(call, SYS_read) && is_pipe(call, 0),
        ends: &[(&[EINTR], Runs), (&[EIO], Fails("Handshake|Daemon"))],
    },
    Row {
        name: "rt_sigpending",
        is_it: |call| childs(call, SYS_rt_sigpending),
        ends: &[(&[EFAULT, EINVAL], Fails("UnblockSignals"))],
    },
    Row {
        name: "rt_sigprocmask, of the child",
        is_it: |call| {
            childs(call, SYS_rt_sigprocmask)
                && call.operands[0] == SIG_SETMASK as u64
                && call.operands[2] == 0
                && word_at(call.pid, call.operands[1]) == 0
                && !has_another_thread(call)
        },
        ends: &[(&[EFAULT, EINVAL], Fails("UnblockSignals"))],
    },
    Row {
        name: "execve",
        is_it: |call| is(call, SYS_execve),
        ends: &[
            // Retried.
            (&[ETXTBSY], Runs),
            (
                &[
                    E2BIG,
                    EACCES,
                    EAGAIN,
                    EINVAL,
                    EIO,
                    EISDIR,
                    ELIBBAD,
                    ELOOP,
                    EMFILE,
                    ENAMETOOLONG,
                    ENFILE,
                    ENOENT,
                    ENOEXEC,
                    ENOMEM,
                    ENOTDIR,
                    EPERM,
                ],
                Fails("Exec"),
            ),
        ],
    },
    Row {
        name: "sendmsg, of the daemon's pidfd",
        is_it: |call| is(call, SYS_sendmsg),
        // The pid is known without it.
        ends: &[(&[EAGAIN, ECONNRESET, EINTR, ENOBUFS, ENOMEM, EPERM, EPIPE, ETOOMANYREFS], Runs)],
    },
];
