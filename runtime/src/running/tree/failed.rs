//! The error when no control group can be created, with a remedy.

use crate::error::{Error, ErrorKind, Step};
use crate::spec::Spec;
use std::io;

/// One line that says which permission or file is missing, and how to provide it.
#[derive(Debug)]
pub(crate) struct Failed {
    /// The directory in which a group was to be created, or a description of it.
    pub(crate) path: String,
    pub(crate) source: io::Error,
    pub(crate) reason: String,
}

const DELEGATED: &str =
    "run this process in a group that was delegated to it, as `systemd-run --user --scope -p Delegate=yes` does";

impl Failed {
    /// The error when the kernel refuses an operation on a directory or a file in it.
    pub(super) fn refused(path: &str, what: &str, source: io::Error) -> Failed {
        let reason = match source.raw_os_error() {
            Some(libc::EACCES | libc::EPERM) => format!("{what} by this user: {DELEGATED}"),
            Some(libc::EROFS) => {
                "it is mounted read-only: mount it writable, or declare `cgroup: fd(folder)` of one that is".to_owned()
            }
            Some(libc::EAGAIN) => {
                "its `cgroup.max.descendants` or `cgroup.max.depth` allows no more groups: raise them".to_owned()
            }
            Some(libc::ENOENT | libc::ENODEV) => format!("it is not there: {source}"),
            _ => source.to_string(),
        };
        Failed { path: path.to_owned(), source, reason }
    }

    /// The error when the directory exists but is unsuitable.
    pub(super) fn unfit(path: &str, errno: i32, reason: &str) -> Failed {
        Failed { path: path.to_owned(), source: io::Error::from_raw_os_error(errno), reason: reason.to_owned() }
    }

    pub(crate) fn into_error(self, spec: &Spec) -> Error {
        let Failed { path: operand, source, reason } = self;
        spec.error(ErrorKind::Start { step: Step::MakeCgroup, operand, source }).with_reason(reason)
    }
}
