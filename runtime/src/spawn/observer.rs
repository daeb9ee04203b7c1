//! Who watches this process from within. Under valgrind and in a program with a sanitizer each access to memory is noted
//! with who made it: a child that runs in that memory on another stack would be taken for an error, or end the program.
//! They know fork(3), and so get that. Debuggers and strace(1), which watch from outside, see any child.

use std::ffi::CStr;
use std::sync::OnceLock;

/// What the run time of a sanitizer begins with: of addresses, of threads, of memory.
const SANITIZERS: [&CStr; 3] = [c"__asan_init", c"__tsan_init", c"__msan_init"];

/// Whether children are to be copies made by fork(3). Asked once.
pub(super) fn wants_copies() -> bool {
    static WANTS: OnceLock<bool> = OnceLock::new();
    *WANTS.get_or_init(|| is_valgrind() || SANITIZERS.into_iter().any(is_linked))
}

/// Valgrind puts a library of its own before all others.
fn is_valgrind() -> bool {
    let preloaded = std::env::var_os("LD_PRELOAD").unwrap_or_default();
    preloaded.as_encoded_bytes().windows(9).any(|name| name == b"vgpreload")
}

fn is_linked(function: &CStr) -> bool {
    // SAFETY: the name is a C string.
    unsafe { !libc::dlsym(libc::RTLD_DEFAULT, function.as_ptr()).is_null() }
}
