//! Calls of the parent after the child was created.

use super::look::*;
use super::{Ends::*, Row};
use libc::*;

#[cfg(target_arch = "x86_64")]
const POLL: c_long = SYS_poll;
#[cfg(not(target_arch = "x86_64"))]
const POLL: c_long = SYS_ppoll;

pub(super) const ROWS: &[Row] = &[
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
        is_it: |call| parents(call, POLL) || parents(call, SYS_ppoll),
        ends: &[(&[EFAULT, EINTR, EINVAL, ENOMEM], Runs)],
    },
    Row {
        name: "read, of a stream or a report",
        is_it: |call| parents(call, SYS_read),
        ends: &[(&[EINTR], Runs), (&[EAGAIN], Either("Report")), (&[EIO], Either("Report|Stream"))],
    },
    // ECHILD means either that there is no such child, or that another waiter took it: the test `load` covers that.
    Row { name: "waitid", is_it: |call| is(call, SYS_waitid), ends: &[(&[EINTR], Runs)] },
    Row {
        name: "wait4, of a daemon that failed",
        is_it: |call| childs(call, SYS_wait4),
        ends: &[(&[ECHILD, EINTR], Runs)],
    },
];
