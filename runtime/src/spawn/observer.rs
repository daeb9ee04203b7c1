//! Tools that watch memory accesses within this process. Valgrind and the sanitizers attribute each access to a thread.
//! A child that runs in the same memory on another stack would look like an error to them, or could exit while it holds
//! one of their locks. They support fork(3), so it is used under them. Debuggers and strace(1) observe from outside,
//! and see any child.

use super::sys;
use std::sync::OnceLock;

/// Whether children are to be created with fork(3). Computed once.
pub(super) fn wants_copies() -> bool {
    static WANTS: OnceLock<bool> = OnceLock::new();
    *WANTS.get_or_init(|| is_valgrind() || sys::sanitizers() != [0; 3])
}

/// Valgrind puts its own library first in LD_PRELOAD.
fn is_valgrind() -> bool {
    let preloaded = std::env::var_os("LD_PRELOAD").unwrap_or_default();
    preloaded.as_encoded_bytes().windows(9).any(|name| name == b"vgpreload")
}
