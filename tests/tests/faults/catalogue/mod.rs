//! The calls of a start that can fail, with what their manual pages say that they fail with, and how a command has to
//! end then.

mod after;
mod before;
mod child;
mod look;

use crate::supervisor::Call;
use libc::*;
use std::sync::LazyLock;

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

/// A call that is in no row.
pub(crate) fn shown(call: &Call) -> String {
    let (whose, path) = (if call.by_parent { "parent" } else { "child" }, look::path_of(call));
    format!("{} {:x?}, of the {whose}, {path:?}", call.number, call.operands)
}

/// In the order of a start. The first that fits is a call's.
pub(crate) static ROWS: LazyLock<Vec<&Row>> =
    LazyLock::new(|| [before::ROWS, child::ROWS, after::ROWS].into_iter().flatten().collect());

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
    (&[SYS_nanosleep], "the pause before a program that is open for writing is tried again, however long it is"),
    (&[SYS_futex], "wakes"),
    (&[SYS_getrandom, SYS_clock_gettime], "std's"),
];
