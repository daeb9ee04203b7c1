//! Why no control group can be made, and the way out.

use crate::error::{Error, ErrorKind, Step};
use crate::spec::Spec;
use std::io;

/// One line that says what is missing where, and what to do.
#[derive(Debug)]
pub(crate) struct Failed {
    /// The folder that a group was to be made in, or the file that was to tell of it.
    pub(crate) path: String,
    pub(crate) source: io::Error,
    pub(crate) reason: String,
}

const DELEGATED: &str =
    "run this process in a group that was delegated to it, as `systemd-run --user --scope -p Delegate=yes` does";

impl Failed {
    /// Where a folder, or a file in it, refuses this user.
    pub(super) fn refused(path: &str, what: &str, source: io::Error) -> Failed {
        let reason = match source.raw_os_error() {
            Some(libc::EACCES | libc::EPERM) => format!("{what} by this user: {DELEGATED}"),
            Some(libc::EROFS) => {
                "it is mounted read-only: mount it writable, or declare `cgroup: fd(folder)` of one that is".to_owned()
            }
            Some(libc::EAGAIN) => {
                "as many groups are there as its `cgroup.max.descendants` or `cgroup.max.depth` allows: raise them"
                    .to_owned()
            }
            Some(libc::ENOENT | libc::ENODEV) => format!("it is not there: {source}"),
            _ => source.to_string(),
        };
        Failed { path: path.to_owned(), source, reason }
    }

    /// Where nothing refused, but what is there is of no use.
    pub(super) fn unfit(path: &str, errno: i32, reason: &str) -> Failed {
        Failed { path: path.to_owned(), source: io::Error::from_raw_os_error(errno), reason: reason.to_owned() }
    }

    pub(crate) fn into_error(self, spec: &Spec) -> Error {
        let Failed { path: operand, source, reason } = self;
        spec.error(ErrorKind::Start { step: Step::MakeCgroup, operand, source }).with_reason(reason)
    }
}
