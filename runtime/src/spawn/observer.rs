//! Who watches this process from within. Under valgrind and in a program with a sanitizer each access to memory is noted
//! with who made it: a child that runs in that memory on another stack would be taken for an error, or end the program
//! while it holds a lock of theirs. They know fork(3), and so get that. Debuggers and strace(1), which watch from outside,
//! see any child.

use super::sys;
use std::sync::OnceLock;

/// Whether children are to be copies made by fork(3). Asked once.
pub(super) fn wants_copies() -> bool {
    static WANTS: OnceLock<bool> = OnceLock::new();
    *WANTS.get_or_init(|| is_valgrind() || sys::sanitizers() != [0; 3])
}

/// Valgrind puts a library of its own before all others.
fn is_valgrind() -> bool {
    let preloaded = std::env::var_os("LD_PRELOAD").unwrap_or_default();
    preloaded.as_encoded_bytes().windows(9).any(|name| name == b"vgpreload")
}
