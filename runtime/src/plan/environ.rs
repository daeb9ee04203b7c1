//! The parent's own `environ`, where it can be handed to the child as it is.
//!
//! Reading it takes std's lock, which nobody outside std can hold for as long as a start takes, or the certainty that
//! there is no other thread to change it. Where there are others, it is copied. Until the program is executed that thread
//! runs nothing but the start: no callback, and no subscriber of `tracing`.

use std::ffi::{CStr, c_char};
use std::sync::OnceLock;

// SAFETY: libc defines it with this type: environ(7).
unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The variables of a process without other threads, as long as this one does not change them.
#[derive(Clone, Copy)]
pub(crate) struct Parents(*const *const c_char);

impl Parents {
    /// None where another thread may change them.
    pub(crate) fn of_only_thread() -> Option<Parents> {
        if !is_single_threaded() {
            return None;
        }
        // SAFETY: libc defines it, and when it is read there is no other thread to write it.
        let variables = unsafe { environ };
        (!variables.is_null()).then_some(Parents(variables))
    }

    /// As execve(2) takes them.
    pub(crate) fn as_ptr(self) -> *const *const c_char {
        self.0
    }

    /// Each `NAME=value`.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static CStr> {
        // SAFETY: a null pointer ends the array, before which the index stays, and `wrapping_add` within it.
        let at = move |index: usize| unsafe { self.0.wrapping_add(index).read() };
        // SAFETY: each entry is a C string.
        (0..).map(at).take_while(|entry| !entry.is_null()).map(|entry| unsafe { CStr::from_ptr(entry) })
    }
}

/// What glibc (2.32) knows of it: see sys/single_threaded.h. Other libraries do not say.
fn is_single_threaded() -> bool {
    static FLAG: OnceLock<usize> = OnceLock::new();
    let flag = *FLAG.get_or_init(|| {
        // SAFETY: the name is a C string.
        unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) }.expose_provenance()
    });
    let flag = std::ptr::with_exposed_provenance::<c_char>(flag);
    // SAFETY: the variable of that name is one byte, which only a new thread changes.
    !flag.is_null() && unsafe { flag.read_volatile() } != 0
}
