//! Tests of code that runs commands, without running any (feature `dry-run`).
//!
//! Inside [`record`], commands of the same thread are not started. Each is recorded as text and as parts, and a closure
//! answers it with a status and outputs, as if a program had run. The runtime still refuses what it always refuses,
//! such as an injected option or a NUL, and does not record it. To test code that runs commands in several threads, use
//! a [`DryRun`], which each thread or the whole process can enter. [`forbid`] makes every command that no dry run
//! answers fail.
//!
//! ```
//! use airtight::dry_run::{Answer, record};
//! use airtight::{Error, command};
//!
//! /// The code under test: creates a file system, unless there is one.
//! fn format(device: &str) -> Result<bool, Error> {
//!     let probe = command! { "blkid", args: ["--", device], stdout: text, status: success(0, 2) }.run()?;
//!     if probe.status() == 0 {
//!         return Ok(false);
//!     }
//!     command! { "mkfs.ext4", args: ["-q", "--", device] }.run()?;
//!     Ok(true)
//! }
//!
//! let answer = |command: &airtight::dry_run::Recorded| match command.program().to_str() {
//!     Some("blkid") => Answer::exit(2),
//!     _ => Answer::success(),
//! };
//! let (formatted, commands) = record(answer, || format("/dev/sdz1"));
//! assert!(formatted?);
//! let commands: Vec<_> = commands.iter().map(|command| command.text()).collect();
//! assert_eq!(commands, ["blkid -- /dev/sdz1", "mkfs.ext4 -q -- /dev/sdz1"]);
//! # Ok::<(), Error>(())
//! ```
//!
//! While a scope is open, no program is started, even after its closure has panicked. Commands that the closure itself
//! runs are answered by the enclosing scope; without one they fail. A `Pending` that was started before is not
//! executed: its `proceed` fails and ends it. Callbacks of a command in the background belong to the scopes of the
//! thread that started it. Only its own thread can call the closure of [`record`], so commands that these callbacks run
//! fail there; a [`DryRun`] answers them. An answered command has the pid `i32::MAX`, which no process has, and no
//! pidfd.

mod answer;
mod forbid;
mod recorded;
mod scope;
mod shared;

pub use answer::Answer;
pub use forbid::{Forbidden, forbid};
pub use recorded::{How, Recorded};
pub(crate) use scope::Scopes;
pub use shared::{DryRun, Entered, EnteredProcess};

use crate::error::{Error, ErrorKind, Step};
use crate::spec::Spec;
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `body` without starting any command of this thread. Returns the value of `body`, and the commands in order.
///
/// Scopes may be nested: the innermost one answers until it ends. Commands of other threads are started; for those see
/// [`DryRun`].
///
/// ```
/// use airtight::dry_run::{Answer, record};
/// let (status, commands) = record(|_| Answer::exit(4), || {
///     airtight::command! { "fsck", status: code }.run().map(|output| output.status())
/// });
/// assert_eq!((status?, commands.len()), (4, 1));
/// # Ok::<(), airtight::Error>(())
/// ```
pub fn record<T>(answer: impl FnMut(&Recorded) -> Answer + 'static, body: impl FnOnce() -> T) -> (T, Vec<Recorded>) {
    // Only this thread calls it, and it is never called recursively: its own commands skip its scope.
    let answer = RefCell::new(answer);
    let scope = scope::Scope::of_thread(move |command| (answer.borrow_mut())(command));
    let entered = scope::enter(scope.clone());
    let returned = body();
    drop(entered);
    (returned, scope.take_recorded())
}

/// The answer to a command in a dry run, or the error of a command that may not be started. `None` if it is to be
/// started.
pub(crate) fn answer(spec: &Spec, how: How) -> Option<Result<Answer, Error>> {
    match scope::innermost() {
        scope::Innermost::Scope(scope) => Some(answer_of(&scope, spec, how)),
        other => why_not(&other).map(|why| Err(not_started(spec, why))),
    }
}

/// The error of a pending command that may not be executed now. `None` if it may.
pub(crate) fn refuse(spec: &Spec) -> Option<Error> {
    why_not(&scope::innermost()).map(|why| not_started(spec, why))
}

/// The reason why a command may not be started.
fn why_not(innermost: &scope::Innermost) -> Option<&'static str> {
    match innermost {
        scope::Innermost::Scope(_) => Some("it was started before this dry run began"),
        scope::Innermost::Answering => Some("the answer closure of a dry run has run it"),
        scope::Innermost::Elsewhere => {
            Some("a callback in the background has run it, which `record` cannot answer: use a `DryRun`")
        }
        scope::Innermost::None if forbid::is_forbidden() => {
            Some("starting programs is forbidden here, and no dry run answers the command")
        }
        scope::Innermost::None => None,
    }
}

fn answer_of(scope: &scope::Scope, spec: &Spec, how: How) -> Result<Answer, Error> {
    let recorded = Recorded::new(spec, how);
    // Recorded before the closure is called, which may panic.
    scope.push(recorded.clone());
    let answering = scope::Answering::begin(scope);
    if !std::thread::panicking() {
        return Ok(scope.answer(&recorded));
    }
    // A destructor may run a command while a panic unwinds, even one of this closure. A second panic would abort the
    // process.
    let answer = catch_unwind(AssertUnwindSafe(|| scope.answer(&recorded)));
    drop(answering);
    answer.map_err(|_| not_started(spec, "the answer closure of its dry run panicked during another panic"))
}

fn not_started(spec: &Spec, why: &str) -> Error {
    let source = std::io::Error::other(format!("{why}: `{spec}`"));
    spec.error(ErrorKind::Start { step: Step::Exec, operand: spec.program_text(), source })
}
