//! A process that has called unshare(CLONE_NEWPID) stays in its PID namespace; its children are made in another one.

use std::fs::read_link;
use std::io;

/// Whether children are made in another namespace. Without /proc nothing says so.
pub(crate) fn is_anothers() -> bool {
    let Ok(own) = read_link("/proc/thread-self/ns/pid") else { return false };
    match read_link("/proc/thread-self/ns/pid_for_children") {
        Ok(of_children) => of_children != own,
        // It has no process yet: the next child is its first.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// This process, as its children see it: one of another namespace has no number there.
pub(super) fn parent_of_children() -> i32 {
    if is_anothers() { 0 } else { std::process::id() as i32 }
}

/// The process that makes a daemon would be the first of the new namespace, which the kernel ends with it.
pub(crate) fn no_daemon() -> io::Error {
    io::Error::other(
        "children of this process are made in another PID namespace, which ends with the first of them: \
         call unshare(CLONE_NEWPID) in a process that does not start daemons",
    )
}
