//! In the child: how readily the kernel kills it when memory is short. See proc_pid_oom_score_adj(5).
//!
//! The kernel keeps this for a process, and for all that share its memory but a child of vfork(2): the parent keeps its
//! own.

use super::decimal::decimal;
use super::procfs;
use crate::error::Step;
use crate::spawn::before::Before;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use std::os::fd::RawFd;

/// Before the limits: it opens a file.
#[inline(always)]
pub(super) fn set_oom_score_adj(adj: Option<i32>, before: Option<&Before>) -> Result<(), FailedStep> {
    let Some(adj) = adj else { return Ok(()) };
    let fault = |failed| FailedStep::new(Step::OomScoreAdj, failed, adj);
    let path = c"/proc/self/oom_score_adj";
    // SAFETY: the path is a C string.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_RDWR | libc::O_CLOEXEC, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    procfs::check(fd).map_err(fault)?;
    if let Some(before) = before {
        before.note_oom_score_adj(fd).map_err(fault)?;
    }
    let (text, from) = decimal(adj.into());
    write(fd, text.get(from..).unwrap_or(&[])).map_err(fault)?;
    // SAFETY: opened above.
    let _ = unsafe { sys!(SYS_close, fd) };
    Ok(())
}

#[inline(always)]
fn write(fd: RawFd, text: &[u8]) -> Result<(), Failed> {
    // SAFETY: the text is as long as said.
    unsafe { sys!(SYS_write, fd, text.as_ptr(), text.len()) }.map(|_| ())
}
