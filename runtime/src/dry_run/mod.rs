//! Tests of code that runs commands, without running any (feature `dry-run`).
//!
//! Inside [`record`], commands of the same thread are not started: each is recorded as text and as parts, and answered
//! by a closure with a status and outputs, which reach the code as if a program had given them. What the runtime
//! refuses (an injected option, a NUL) is refused as ever, and nothing is recorded of it. Code that runs its commands
//! in several threads is tested with a [`DryRun`], which each of them can enter, or the process as a whole; and
//! [`forbid`] makes an error of each command that no dry run answers.
//!
//! ```
//! use airtight::dry_run::{Answer, record};
//! use airtight::{Error, command};
//!
//! /// What is tested: makes a file system, unless there is one.
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
//! Nothing is started while a scope is open: also not after its closure has panicked, nor by the closure itself, whose
//! own commands are answered by the scope around its own, or are errors where there is none. A `Pending` that was made
//! before is not executed either: its `proceed` is an error, and ends it. The callbacks of a command in the background
//! belong to the scopes of the thread that has started it; as [`record`]'s closure can be asked by its own thread alone,
//! what they run is an error there, and a [`DryRun`] answers it. What seems to be started has `i32::MAX` as its number,
//! which no process has, and no pidfd.

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

/// Runs `body`, in which no command of this thread is started; gives what it returns, and the commands in their order.
///
/// Scopes may be nested: the inner one answers, and with its end the outer one does again. A command that another
/// thread runs is started: see [`DryRun`].
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
    // It is called by this thread alone, and never while it is called: its own commands pass its scope over.
    let answer = RefCell::new(answer);
    let scope = scope::Scope::of_thread(move |command| (answer.borrow_mut())(command));
    let entered = scope::enter(scope.clone());
    let returned = body();
    drop(entered);
    (returned, scope.take_recorded())
}

/// The answer to a command in a dry run, or the error of one that may not be started; `None` where it is started.
pub(crate) fn answer(spec: &Spec, how: How) -> Option<Result<Answer, Error>> {
    match scope::innermost() {
        scope::Innermost::Scope(scope) => Some(answer_of(&scope, spec, how)),
        other => why_not(&other).map(|why| Err(not_started(spec, why))),
    }
}

/// The error of a command that was started up to its last step before, and may not be executed; `None` where it may.
pub(crate) fn refuse(spec: &Spec) -> Option<Error> {
    why_not(&scope::innermost()).map(|why| not_started(spec, why))
}

/// Why nothing is started.
fn why_not(innermost: &scope::Innermost) -> Option<&'static str> {
    match innermost {
        scope::Innermost::Scope(_) => Some("it was made to wait before this dry run began"),
        scope::Innermost::Answering => Some("it is run by the answer of a dry run itself"),
        scope::Innermost::Elsewhere => {
            Some("it is run by a callback in the background, where `record` answers nothing: use a `DryRun`")
        }
        scope::Innermost::None if forbid::is_forbidden() => {
            Some("programs are forbidden here, and no dry run answers it")
        }
        scope::Innermost::None => None,
    }
}

fn answer_of(scope: &scope::Scope, spec: &Spec, how: How) -> Result<Answer, Error> {
    let recorded = Recorded::new(spec, how);
    // Before the answer, which may panic: the command was run all the same.
    scope.push(recorded.clone());
    let answering = scope::Answering::begin(scope);
    if !std::thread::panicking() {
        return Ok(scope.answer(&recorded));
    }
    // Run by a destructor while a panic goes on, perhaps that of this very closure: another one would end the process.
    let answer = catch_unwind(AssertUnwindSafe(|| scope.answer(&recorded)));
    drop(answering);
    answer.map_err(|_| not_started(spec, "the answer of its dry run panicked while another panic went on"))
}

fn not_started(spec: &Spec, why: &str) -> Error {
    let source = std::io::Error::other(format!("{why}: `{spec}`"));
    spec.error(ErrorKind::Start { step: Step::Exec, operand: spec.program_text(), source })
}
