//! A failed step: as the child writes it, and as the parent reports it.

use super::sys::Failed;
use crate::error::Step;
use crate::plan::{Plan, far};
use nix::errno::Errno;
use std::io;
use std::os::fd::RawFd;
use std::process::ExitStatus;

/// The step that the child reports when it cannot reopen a pipe. The child never creates one, so the step is free.
pub(super) const NOT_REOPENED: Step = Step::Pipe;

/// A step that failed in the child.
pub(super) struct FailedStep {
    pub(super) step: Step,
    pub(super) errno: i32,
    pub(super) operand: RawFd,
}

impl FailedStep {
    #[inline(always)]
    pub(super) fn new(step: Step, failed: Failed, operand: RawFd) -> FailedStep {
        FailedStep { step, errno: failed.0, operand }
    }
}

/// A failed step with its error, and the operand as the child knows it.
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) source: io::Error,
    pub(crate) operand: i32,
}

impl Failure {
    /// Whether the child could not reopen a pipe of the parent. The start is then repeated with its streams prepared
    /// anew.
    pub(crate) fn wants_another_try(&self, plan: &Plan<'_>) -> bool {
        let wants = self.step == NOT_REOPENED && !plan.reopened.is_empty();
        if wants {
            far::refused();
        }
        wants
    }

    /// Whether the failure would have been retried, or waited for, before the deadline.
    pub(crate) fn is_for_want_of_time(&self) -> bool {
        matches!((self.step, self.source.raw_os_error()), (Step::Exec, Some(libc::ETXTBSY)) | (_, Some(libc::ETIME)))
    }

    pub(super) fn of_parent(step: Step, errno: Errno) -> Failure {
        Failure { step, source: errno.into(), operand: 0 }
    }
}

pub(super) fn clone_failed(errno: Errno) -> Failure {
    Failure::of_parent(Step::Clone, errno)
}

/// The failure of a process that ended before exec without a report.
pub(super) fn died_before_exec(status: ExitStatus) -> Failure {
    let how = format!("the new process {}", crate::status::describe(status));
    Failure { step: Step::Exec, source: io::Error::other(how), operand: 0 }
}
