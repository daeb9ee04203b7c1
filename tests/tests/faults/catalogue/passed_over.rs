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
    calls!(SYS_close where |_| true, "it frees the descriptor even if it fails"),
    calls!(
        SYS_munmap, SYS_mremap, SYS_brk, SYS_mmap, SYS_madvise where |call| call.by_parent,
        "the allocator calls them: without memory, Rust aborts the process"
    ),
    calls!(
        SYS_umask, SYS_getpid, SYS_getppid, SYS_gettid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid where |_| true,
        "they cannot fail"
    ),
    calls!(SYS_exit_group, SYS_exit where |_| true, "they do not return"),
    calls!(SYS_rt_sigprocmask where |_| true, "it cannot fail with valid sets, and those of the parent and of libc \
        are valid"),
    calls!(
        SYS_set_robust_list, SYS_rseq, SYS_set_tid_address, SYS_sigaltstack where |_| true,
        "libc calls them after its fork"
    ),
    calls!(
        SYS_rt_sigaction where |call| !sets_action(call),
        "it queries an action, or the thread of `exec` sets that of an internal signal of libc before its steps"
    ),
    calls!(
        SYS_mmap, SYS_munmap, SYS_mprotect, SYS_madvise, SYS_sched_getaffinity where |call| !call.by_parent,
        "libc and std call them for the thread of `exec`: if it cannot be created, the step is that of its clone"
    ),
    calls!(
        SYS_fstat, SYS_statx, SYS_newfstatat where |call| call.by_parent,
        "std queries the size of a file in the parent"
    ),
    calls!(SYS_fcntl where |call| is_fcntl(call, F_GETFD) || is_fcntl(call, F_GETFL), "it queries flags"),
    calls!(
        SYS_ioctl where |call| call.by_parent && call.operands[1] as c_ulong == FIONREAD as c_ulong,
        "it queries the bytes in a pipe: without a result, the parent reads a chunk"
    ),
    calls!(SYS_prctl where |call| is_prctl(call, PR_GET_DUMPABLE), "it queries whether this process is dumpable"),
    calls!(
        SYS_rt_sigpending, SYS_rt_sigtimedwait where |call| call.by_parent,
        "the parent calls them with valid sets and does not wait"
    ),
    calls!(
        SYS_nanosleep where |call| !call.by_parent,
        "it is the pause before a retry of a program that is open for writing; its length does not matter"
    ),
    calls!(SYS_futex where |_| true, "it only wakes threads"),
    calls!(SYS_getrandom, SYS_clock_gettime where |call| call.by_parent, "std calls them"),
];
