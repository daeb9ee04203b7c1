//! Calls that are not made to fail, and the reasons.

use super::look::*;
use crate::supervisor::Call;
use libc::*;

pub(crate) struct PassedOver {
    calls: &'static [(c_long, &'static str)],
    only: fn(&Call) -> bool,
    pub(crate) why: &'static str,
}

impl PassedOver {
    pub(crate) fn has(&self, call: &Call) -> bool {
        self.calls.iter().any(|(number, _)| is(call, *number)) && (self.only)(call)
    }

    /// The names as the page shows them.
    pub(crate) fn names(&self) -> String {
        self.calls.iter().map(|(_, name)| name.trim_start_matches("SYS_")).collect::<Vec<_>>().join(", ")
    }
}

macro_rules! calls {
    ($($call:ident),* where $only:expr, $why:literal) => {
        PassedOver { calls: &[$(($call, stringify!($call))),*], only: $only, why: $why }
    };
}

pub(crate) const PASSED_OVER: &[PassedOver] = &[
    calls!(SYS_close where |_| true, "the descriptor is free whatever it returns"),
    calls!(
        SYS_munmap, SYS_mremap, SYS_brk, SYS_mmap, SYS_madvise where |call| call.by_parent,
        "the allocator's: without memory Rust ends the process"
    ),
    calls!(
        SYS_umask, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid where |_| true,
        "cannot fail"
    ),
    calls!(SYS_exit_group, SYS_exit where |_| true, "do not return"),
    calls!(SYS_rt_sigprocmask where |_| true, "cannot fail with valid sets, as those of the parent and of libc are"),
    calls!(
        SYS_set_robust_list, SYS_rseq, SYS_set_tid_address, SYS_sigaltstack where |_| true,
        "libc's, after its fork"
    ),
    calls!(
        SYS_rt_sigaction where |call| !sets_action(call),
        "asks for an action, or sets that of a signal of libc's own, as the thread of `exec` does before its steps"
    ),
    calls!(
        SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_sched_getaffinity where |call| !call.by_parent,
        "libc's and std's, for the thread of `exec`: where it cannot be made, the step is that of its clone"
    ),
    calls!(
        SYS_fstat, SYS_statx, SYS_newfstatat where |call| call.by_parent,
        "of the parent: how much a file may hold, asked by std"
    ),
    calls!(SYS_fcntl where |call| is_fcntl(call, F_GETFD) || is_fcntl(call, F_GETFL), "asks for flags"),
    calls!(
        SYS_ioctl where |call| call.by_parent && call.operands[1] as c_ulong == FIONREAD as c_ulong,
        "asks how much is in a pipe: without an answer a chunk is read"
    ),
    calls!(SYS_prctl where |call| is_prctl(call, PR_GET_DUMPABLE), "asks whether this process is dumpable"),
    calls!(
        SYS_rt_sigpending, SYS_rt_sigtimedwait where |call| call.by_parent,
        "of the parent, with valid sets and without waiting"
    ),
    calls!(
        SYS_nanosleep where |call| !call.by_parent,
        "the pause before a program that is open for writing is tried again, however long it is"
    ),
    calls!(SYS_futex where |_| true, "wakes"),
    calls!(SYS_getrandom, SYS_clock_gettime where |call| call.by_parent, "std's"),
];
