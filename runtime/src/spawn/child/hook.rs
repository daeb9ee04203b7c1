//! In a forked child: calls the closure of `pre_exec`, which may do what other steps of a child may not, such as
//! allocate.

use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::report::LONGEST;
use crate::spawn::sys::sys;
use crate::spawn::task::Closure;
use std::io;
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls the closure. An error without an errno is written to the pipe here with its message, since only one report is
/// sent. A panic is caught, because nothing may unwind out of the first function of the child.
#[cold]
#[allow(improper_ctypes_definitions, reason = "only Rust code calls it")]
pub(super) extern "C" fn call(hook: &Closure<'_>, pipe: RawFd) -> Result<(), FailedStep> {
    let Ok(mut hook) = hook.try_borrow_mut() else { return Err(fault(libc::EBUSY)) };
    let returned = catch_unwind(AssertUnwindSafe(&mut **hook));
    let error = match returned {
        Ok(Ok(())) => return Ok(()),
        Ok(Err(error)) => error,
        Err(_) => io::Error::other("the closure panicked"),
    };
    match error.raw_os_error() {
        Some(errno) => Err(fault(errno)),
        None => {
            tell(pipe, &error.to_string());
            Err(fault(0))
        }
    }
}

fn fault(errno: i32) -> FailedStep {
    FailedStep { step: Step::PreExec, errno, operand: 0 }
}

/// Writes the report with its message, in one atomic write.
fn tell(pipe: RawFd, message: &str) {
    let mut report = Vec::with_capacity(LONGEST);
    for word in [Step::PreExec as u32, 0, 0] {
        report.extend_from_slice(&word.to_ne_bytes());
    }
    // The message is cut at a character boundary: half a character would not be recognised as the beginning of a
    // secret.
    let room = (LONGEST - report.len()).min(message.len());
    let end = (0..=room).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
    report.extend(message.bytes().take(end));
    // SAFETY: the pointer and the length are those of the report.
    let _ = unsafe { sys!(SYS_write, pipe, report.as_ptr(), report.len()) };
}
