//! In the child: sets the label of a security module, which exec applies to the program.

use super::procfs;
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use crate::spec::settings::Label;
use std::ffi::CStr;
use std::os::fd::RawFd;

/// A label and its open file. The file is opened while the child is still permitted to.
pub(super) struct OpenLabel<'a> {
    fd: RawFd,
    text: &'a CStr,
    step: Step,
}

#[inline(always)]
pub(super) fn open_label(label: Option<&Label>) -> Result<Option<OpenLabel<'_>>, FailedStep> {
    let (path, text, step) = match label {
        None => return Ok(None),
        Some(Label::SeLinux(text)) => (c"/proc/thread-self/attr/exec", text, Step::SeLinux),
        Some(Label::AppArmor(text)) => (c"/proc/thread-self/attr/apparmor/exec", text, Step::AppArmor),
    };
    let open = |path: &CStr| {
        // SAFETY: the path is a C string.
        unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), libc::O_WRONLY | libc::O_CLOEXEC, 0) }
    };
    let mut opened = open(path);
    // Before Linux 5.8 all modules shared one file.
    if opened == Err(Failed(libc::ENOENT)) && step == Step::AppArmor {
        opened = open(c"/proc/thread-self/attr/exec");
    }
    let fault = |failed| FailedStep::new(step, failed, 0);
    let fd = opened.map_err(fault)? as RawFd;
    procfs::check(fd).map_err(fault)?;
    Ok(Some(OpenLabel { fd, text, step }))
}

#[inline(always)]
pub(super) fn write_label(label: Option<OpenLabel<'_>>) -> Result<(), FailedStep> {
    let Some(label) = label else { return Ok(()) };
    // SAFETY: the pointer and the length are those of the text.
    let written = unsafe { sys!(SYS_write, label.fd, label.text.as_ptr(), label.text.count_bytes()) };
    written.map_err(|failed| FailedStep::new(label.step, failed, 0))?;
    // SAFETY: close takes no pointers, and `open_label` opened the descriptor.
    let _ = unsafe { sys!(SYS_close, label.fd) };
    Ok(())
}
