//! No program by accident.

use std::sync::atomic::{AtomicUsize, Ordering};

/// How many are held.
static FORBIDDEN: AtomicUsize = AtomicUsize::new(0);

/// From here until what it returns is dropped, no thread of this process starts a program: a command that no dry run
/// answers is an error, of kind [`Start`](crate::ErrorKind::Start), which names it. That concerns tests which run beside
/// this one too: a whole test program is kept from starting anything by a value that is never dropped,
/// `static NOTHING: LazyLock<Forbidden> = LazyLock::new(forbid)`, which each test touches.
///
/// ```
/// use airtight::command;
/// use airtight::dry_run::{Answer, forbid, record};
///
/// let forbidden = forbid();
/// let error = command! { "rm", args: ["-rf", "/"] }.run().unwrap_err();
/// assert!(error.to_string().ends_with("programs are forbidden here, and no dry run answers it: `rm -rf /`"));
/// record(|_| Answer::success(), || command! { "rm", args: ["-rf", "/"] }.run()).0?;
/// drop(forbidden);
/// command! { "true" }.run()?;
/// # Ok::<(), airtight::Error>(())
/// ```
pub fn forbid() -> Forbidden {
    FORBIDDEN.fetch_add(1, Ordering::SeqCst);
    Forbidden(())
}

pub(super) fn is_forbidden() -> bool {
    FORBIDDEN.load(Ordering::SeqCst) > 0
}

/// While it lives, no program is started: see [`forbid`].
#[must_use = "programs can be started again when this is dropped"]
#[derive(Debug)]
pub struct Forbidden(());

impl Drop for Forbidden {
    fn drop(&mut self) {
        FORBIDDEN.fetch_sub(1, Ordering::SeqCst);
    }
}
