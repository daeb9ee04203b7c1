//! In a forked child: the closure of `pre_exec`, which may do what other children may not.

use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::report::LONGEST;
use crate::spawn::sys::sys;
use crate::spawn::task::Closure;
use std::io;
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Calls it. A message that an errno does not carry goes through the pipe by itself, since it is reported but once. Does not
/// unwind: where the child begins, nothing could go on.
#[cold]
#[allow(improper_ctypes_definitions, reason = "it is called from Rust alone")]
pub(super) extern "C" fn call(hook: &Closure<'_>, pipe: RawFd) -> Result<(), Fault> {
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

fn fault(errno: i32) -> Fault {
    Fault { step: Step::PreExec, errno, operand: 0 }
}

/// The report with its message, in one write that a pipe takes whole.
fn tell(pipe: RawFd, message: &str) {
    let mut report = Vec::with_capacity(LONGEST);
    for word in [Step::PreExec as u32, 0, 0] {
        report.extend_from_slice(&word.to_ne_bytes());
    }
    // A character that is cut in two would not be known for the beginning of a secret.
    let room = (LONGEST - report.len()).min(message.len());
    let end = (0..=room).rev().find(|end| message.is_char_boundary(*end)).unwrap_or(0);
    report.extend(message.bytes().take(end));
    // SAFETY: the text is as long as said.
    let _ = unsafe { sys!(SYS_write, pipe, report.as_ptr(), report.len()) };
}
