//! PID namespaces. A process that has called unshare(CLONE_NEWPID) stays in its own; its children are created in the
//! new one.

use std::fs::read_link;
use std::io;

/// Whether children are created in another PID namespace. Without /proc the answer is no.
pub(crate) fn is_anothers() -> bool {
    let Ok(own) = read_link("/proc/thread-self/ns/pid") else { return false };
    match read_link("/proc/thread-self/ns/pid_for_children") {
        Ok(of_children) => of_children != own,
        // The new namespace is empty: the next child will be its first process.
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// The pid of this process as its children see it: 0 if they are in another namespace.
pub(super) fn parent_of_children() -> i32 {
    if is_anothers() { 0 } else { std::process::id() as i32 }
}

/// The error of a daemon: its intermediate process would be the first process of the new namespace, and the kernel
/// kills a namespace with its first process.
pub(crate) fn no_daemon() -> io::Error {
    io::Error::other(
        "children of this process are created in another PID namespace, which ends with the first of them: \
         call unshare(CLONE_NEWPID) in a process that does not start daemons",
    )
}
