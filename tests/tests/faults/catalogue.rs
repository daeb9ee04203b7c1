//! The calls of a start that can fail, with what their manual pages say that they fail with, and how a command has to
//! end then.

use crate::supervisor::{Call, text_at};
use Ends::{Either, Fails, Runs};
use libc::*;

/// How a command ends where a call has failed.
#[derive(Clone, Copy)]
pub(crate) enum Ends {
    /// As if nothing had been: there is another way, or it does not matter.
    Runs,
    /// With an error of this step that carries the errno.
    Fails(&'static str),
    /// One or the other, as the call's turn is.
    Either(&'static str),
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    is_it: fn(&Call) -> bool,
    pub(crate) ends: &'static [(&'static [i32], Ends)],
}

impl Row {
    pub(crate) fn errnos(&self) -> impl Iterator<Item = (i32, Ends)> {
        self.ends.iter().flat_map(|(errnos, ends)| errnos.iter().map(|errno| (*errno, *ends)))
    }
}

/// The row that a call belongs to.
pub(crate) fn row_of(call: &Call) -> Option<usize> {
    ROWS.iter().position(|row| (row.is_it)(call))
}

fn is(call: &Call, number: c_long) -> bool {
    call.number == number
}

fn parents(call: &Call, number: c_long) -> bool {
    call.by_parent && is(call, number)
}

fn childs(call: &Call, number: c_long) -> bool {
    !call.by_parent && is(call, number)
}

fn has(call: &Call, index: usize, flags: c_int) -> bool {
    call.operands[index] & flags as u64 != 0
}

fn prctl(call: &Call, option: c_int) -> bool {
    is(call, SYS_prctl) && call.operands[0] == option as u64
}

fn fcntl(call: &Call, command: c_int) -> bool {
    is(call, SYS_fcntl) && call.operands[1] == command as u64
}

fn opens(call: &Call, is_it: impl Fn(&str) -> bool) -> bool {
    is(call, SYS_openat) && is_it(&text_at(call.pid, call.operands[1]))
}

fn makes_file(call: &Call, name: &str) -> bool {
    is(call, SYS_memfd_create) && text_at(call.pid, call.operands[0]) == name
}

/// The descriptor of the calls on a pidfile lies below those of the test.
fn is_pidfile(call: &Call) -> bool {
    let link = std::fs::read_link(format!("/proc/{}/fd/{}", call.pid, call.operands[0])).unwrap_or_default();
    link.to_string_lossy().ends_with("/x.pid")
}

fn is_pipe(call: &Call, index: usize) -> bool {
    let link = std::fs::read_link(format!("/proc/{}/fd/{}", call.pid, call.operands[index])).unwrap_or_default();
    link.to_string_lossy().starts_with("pipe:")
}

/// In the order of a start. The first that fits is a call's.
pub(crate) const ROWS: &[Row] = &[
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
        is_it: |call| fcntl(call, F_ADD_SEALS),
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
        is_it: |call| is(call, SYS_pipe2),
        ends: &[(&[EMFILE, ENFILE], Fails("Pipe|Report|Handshake"))],
    },
    Row {
        name: "fcntl F_SETFL, of a pipe",
        is_it: |call| fcntl(call, F_SETFL),
        ends: &[(&[EBADF, EPERM], Fails("Pipe"))],
    },
    Row {
        name: "fcntl F_DUPFD_CLOEXEC, aside",
        is_it: |call| fcntl(call, F_DUPFD_CLOEXEC),
        ends: &[(&[EMFILE, EINVAL], Either("Report|Pipe|Data|Daemon|Handshake"))],
    },
    Row {
        name: "fcntl F_SETPIPE_SZ",
        is_it: |call| fcntl(call, F_SETPIPE_SZ),
        ends: &[(&[EPERM, EBUSY, ENOMEM], Runs)],
    },
    Row {
        name: "capget",
        is_it: |call| is(call, SYS_capget),
        ends: &[(&[EPERM, EINVAL, ESRCH], Fails("Capabilities"))],
    },
    Row {
        name: "prctl PR_CAPBSET_READ",
        is_it: |call| prctl(call, PR_CAPBSET_READ),
        // The library that asks takes it for the end of the capabilities.
        ends: &[(&[EINVAL], Either("Capabilities"))],
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
        name: "madvise MADV_WIPEONFORK",
        is_it: |call| parents(call, SYS_madvise) && call.operands[2] == MADV_WIPEONFORK as u64,
        ends: &[(&[EINVAL, ENOMEM, EAGAIN], Fails("Stack"))],
    },
    Row {
        name: "socketpair",
        is_it: |call| is(call, SYS_socketpair),
        ends: &[(&[EMFILE, ENFILE, ENOMEM, EAFNOSUPPORT, EACCES], Fails("Daemon"))],
    },
    Row {
        name: "prctl PR_GET_SECUREBITS",
        is_it: |call| prctl(call, PR_GET_SECUREBITS),
        ends: &[(&[EINVAL, EPERM], Runs)],
    },
    Row {
        name: "openat `/proc/self/attr/current`",
        is_it: |call| opens(call, |path| path == "/proc/self/attr/current"),
        ends: &[(&[EACCES, EMFILE, ENOENT, EPERM], Runs)],
    },
    Row {
        name: "read, of that",
        is_it: |call| parents(call, SYS_read) && !is_pipe(call, 0),
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
        name: "clone3",
        is_it: |call| is(call, SYS_clone3),
        ends: &[(&[EINVAL, ENOSYS, EPERM], Runs), (&[EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EUSERS], Fails("Clone"))],
    },
    Row {
        name: "clone CLONE_PIDFD",
        is_it: |call| parents(call, SYS_clone) && has(call, 0, CLONE_PIDFD),
        ends: &[(&[EINVAL], Runs), (&[EAGAIN, ENOMEM, EMFILE, ENFILE, ENOSPC, EPERM, ENOSYS], Fails("Clone"))],
    },
    Row {
        name: "clone",
        is_it: |call| parents(call, SYS_clone),
        ends: &[(&[EAGAIN, ENOMEM, ENOSPC, EPERM, EINVAL, ENOSYS], Fails("Clone"))],
    },
    Row {
        name: "pidfd_open",
        is_it: |call| is(call, SYS_pidfd_open),
        ends: &[(&[EINVAL, EMFILE, ENFILE, ENODEV, ENOMEM, ENOSYS, EPERM, ESRCH], Runs)],
    },
    Row {
        name: "rt_sigaction, of the child",
        is_it: |call| childs(call, SYS_rt_sigaction),
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
        name: "unshare CLONE_FILES",
        is_it: |call| is(call, SYS_unshare),
        ends: &[(&[EINVAL, ENOMEM, EPERM, ENOSYS], Fails("CloseDescriptors"))],
    },
    Row {
        name: "openat `/proc/self/fd`",
        is_it: |call| opens(call, |path| path == "/proc/self/fd"),
        ends: &[(&[EACCES, EMFILE, ENFILE, ENOENT, ENOMEM], Runs)],
    },
    Row {
        name: "fstatfs, of that",
        is_it: |call| is(call, SYS_fstatfs),
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
        name: "write, the word that all is ready",
        is_it: |call| childs(call, SYS_write) && call.operands[2] == 1 && is_pipe(call, 0) && !is_stage(call),
        ends: &[(&[EAGAIN, EINTR, EIO, EPIPE], Fails("Handshake"))],
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
        name: "clone, of a daemon",
        is_it: |call| childs(call, SYS_clone),
        ends: &[(&[EAGAIN, EINVAL, ENOMEM, ENOSPC, EPERM], Fails("Daemon"))],
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
        is_it: |call| fcntl(call, F_SETLK),
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
        is_it: |call| childs(call, SYS_fcntl) && fcntl(call, F_SETFD) && is_pidfile(call),
        ends: &[(&[EBADF], Fails("Pidfile"))],
    },
    Row {
        name: "fcntl F_SETFD, before the stage",
        is_it: |call| fcntl(call, F_SETFD) && !is_stage(call) && (is_pipe(call, 0) || is_directory(call)),
        ends: &[(&[EBADF], Runs)],
    },
    Row {
        name: "fcntl F_SETFD, in the stage",
        is_it: |call| fcntl(call, F_SETFD) && is_stage(call),
        ends: &[(&[EBADF], Fails("Report"))],
    },
    Row {
        name: "fcntl F_SETFD, of what is passed on",
        is_it: |call| fcntl(call, F_SETFD),
        ends: &[(&[EBADF], Fails("MoveDescriptor"))],
    },
    Row {
        name: "openat, for the label",
        is_it: |call| childs(call, SYS_openat) && opens(call, |path| path.starts_with("/proc/self/attr/")),
        ends: &[(&[EACCES, EMFILE, ENFILE, ENOENT, ENOMEM], Fails("SeLinux"))],
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
        is_it: |call| prctl(call, 62),
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
        is_it: |call| prctl(call, PR_CAPBSET_DROP),
        ends: &[(&[EINVAL, EPERM], Fails("BoundingSet"))],
    },
    Row {
        name: "prctl PR_SET_KEEPCAPS",
        is_it: |call| prctl(call, PR_SET_KEEPCAPS),
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
        is_it: |call| prctl(call, PR_CAP_AMBIENT),
        ends: &[(&[EINVAL, EPERM], Fails("Ambient"))],
    },
    Row {
        name: "prctl PR_SET_NO_NEW_PRIVS",
        is_it: |call| prctl(call, PR_SET_NO_NEW_PRIVS),
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
        is_it: |call| prctl(call, PR_SET_PDEATHSIG),
        ends: &[(&[EINVAL, EPERM], Fails("ParentDeathSignal"))],
    },
    Row {
        name: "read, of the parent's word",
        is_it: |call| childs(call, SYS_read),
        ends: &[(&[EINTR], Runs), (&[EIO], Fails("Handshake"))],
    },
    Row {
        name: "rt_sigpending",
        is_it: |call| childs(call, SYS_rt_sigpending),
        ends: &[(&[EFAULT, EINVAL], Fails("UnblockSignals"))],
    },
    Row {
        name: "rt_sigprocmask, of the child",
        is_it: |call| {
            childs(call, SYS_rt_sigprocmask) && call.operands[0] == SIG_SETMASK as u64 && call.operands[2] == 0
        },
        ends: &[(&[EFAULT, EINVAL], Fails("UnblockSignals"))],
    },
    Row {
        name: "execve",
        is_it: |call| is(call, SYS_execve),
        ends: &[(
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
                ETXTBSY,
            ],
            Fails("Exec"),
        )],
    },
    Row {
        name: "sendmsg, of the daemon's pidfd",
        is_it: |call| is(call, SYS_sendmsg),
        // The pid is known without it.
        ends: &[(&[EAGAIN, ECONNRESET, EINTR, ENOBUFS, ENOMEM, EPERM, EPIPE, ETOOMANYREFS], Runs)],
    },
    Row {
        name: "recvmsg, of the daemon's pidfd",
        is_it: |call| is(call, SYS_recvmsg),
        ends: &[(&[EAGAIN, EINTR, ENOMEM, EPERM], Runs)],
    },
    Row {
        name: "write, of the word to go",
        is_it: |call| parents(call, SYS_pwritev2) && !has(call, 5, 0) && kind_of_write(call) == 1,
        ends: &[
            (&[EAGAIN, EINTR, EINVAL, ENOSYS, EOPNOTSUPP, EPERM], Either("Handshake")),
            (&[EIO, EPIPE], Fails("Handshake")),
        ],
    },
    Row {
        name: "pwritev2 RWF_NOSIGNAL",
        is_it: |call| is(call, SYS_pwritev2),
        ends: &[(&[EAGAIN, EINTR, EINVAL, ENOSYS, EOPNOTSUPP, EPERM, EPIPE], Runs)],
    },
    Row {
        name: "write, to a pipe",
        is_it: |call| parents(call, SYS_write),
        ends: &[(&[EAGAIN, EINTR, EPIPE], Either("Handshake"))],
    },
    Row {
        name: "poll",
        is_it: |call| parents(call, SYS_poll) || parents(call, SYS_ppoll),
        ends: &[(&[EFAULT, EINTR, EINVAL, ENOMEM], Runs)],
    },
    Row {
        name: "read, of a stream or a report",
        is_it: |call| parents(call, SYS_read),
        ends: &[(&[EINTR], Runs), (&[EAGAIN], Either("Report")), (&[EIO], Either("Report|Stream"))],
    },
    // That there is no such child is true or no answer of the kernel's: `load` has thieves for it.
    Row { name: "waitid", is_it: |call| is(call, SYS_waitid), ends: &[(&[EINTR], Runs)] },
    Row {
        name: "wait4, of a daemon that failed",
        is_it: |call| childs(call, SYS_wait4),
        ends: &[(&[ECHILD, EINTR], Runs)],
    },
];

/// Calls that are not made to fail, and why.
pub(crate) const PASSED_OVER: &[(&[c_long], &str)] = &[
    (&[SYS_close], "the descriptor is free whatever it returns"),
    (
        &[SYS_munmap, SYS_mremap, SYS_brk, SYS_mmap, SYS_madvise],
        "the allocator's: without memory Rust ends the process",
    ),
    (
        &[SYS_umask, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid],
        "cannot fail",
    ),
    (&[SYS_exit_group, SYS_exit], "do not return"),
    (&[SYS_rt_sigprocmask], "cannot fail with valid sets, as those of the parent are"),
    (&[SYS_set_robust_list, SYS_rseq, SYS_set_tid_address, SYS_sigaltstack], "libc's, after its fork"),
    (&[SYS_fstat, SYS_statx, SYS_newfstatat], "of the parent: how much a file may hold, asked by std"),
    (&[SYS_fcntl], "asks for flags"),
    (&[SYS_ioctl], "asks how much is in a pipe: without an answer a chunk is read"),
    (&[SYS_prctl], "asks whether this process is dumpable"),
    (&[SYS_rt_sigpending, SYS_rt_sigtimedwait], "of the parent, with valid sets and without waiting"),
    (&[SYS_futex], "wakes"),
    (&[SYS_getrandom, SYS_clock_gettime], "std's"),
];

/// The stage reports through its lowest address: it is a program of its own, of which /proc says so.
fn is_stage(call: &Call) -> bool {
    let exe = std::fs::read_link(format!("/proc/{}/exe", call.pid)).unwrap_or_default();
    exe.to_string_lossy().contains("airtight-stage")
}

fn is_directory(call: &Call) -> bool {
    std::fs::metadata(format!("/proc/{}/fd/{}", call.pid, call.operands[0])).is_ok_and(|file| file.is_dir())
}

fn clone3_flags(call: &Call) -> u64 {
    word_at(call.pid, call.operands[0])
}

/// How many bytes the first of the vectors of a write has.
fn kind_of_write(call: &Call) -> u64 {
    word_at(call.pid, call.operands[1] + 8)
}

fn word_at(pid: i32, address: u64) -> u64 {
    let mut word = 0u64;
    let local = iovec { iov_base: (&raw mut word).cast(), iov_len: 8 };
    let remote = iovec { iov_base: std::ptr::with_exposed_provenance_mut(address as usize), iov_len: 8 };
    // SAFETY: both vectors are valid; what is read is copied.
    unsafe { process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    word
}
