//! Forbids starting programs.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The number of `Forbidden` values that exist.
static FORBIDDEN: AtomicUsize = AtomicUsize::new(0);

/// Forbids this process to start programs, until the returned value is dropped. A command that no dry run answers then
/// fails with an error of kind [`Start`](crate::ErrorKind::Start), which names the command. This applies to all
/// threads, and so to other tests of the same process. To forbid programs in a whole test binary, let each test touch a
/// value that is never dropped: `static NOTHING: LazyLock<Forbidden> = LazyLock::new(forbid)`.
///
/// ```
/// use airtight::command;
/// use airtight::dry_run::{Answer, forbid, record};
///
/// let forbidden = forbid();
/// let error = command! { "rm", args: ["-rf", "/"] }.run().unwrap_err();
/// let why = "starting programs is forbidden here, and no dry run answers the command: `rm -rf /`";
/// assert!(error.to_string().ends_with(why));
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

/// Forbids starting programs as long as it exists, see [`forbid`].
#[must_use = "programs can be started again when this is dropped"]
#[derive(Debug)]
pub struct Forbidden(());

impl Drop for Forbidden {
    fn drop(&mut self) {
        FORBIDDEN.fetch_sub(1, Ordering::SeqCst);
    }
}
