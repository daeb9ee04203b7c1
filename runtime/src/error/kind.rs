//! The kinds of errors.

use super::{Rule, Step};
use crate::secret::Secrets;
use std::borrow::Cow;
use std::ffi::OsString;
use std::fmt;
use std::io;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// As many bytes of an error of a closure come out of the child, in one report with the step.
pub(crate) const KEPT_OF_CLOSURE: usize = 500;
/// A message as long as this may have been cut, before a character of up to four bytes.
const CUT: usize = KEPT_OF_CLOSURE - 3;

/// What went wrong.
///
/// Its texts have their secrets hidden. The error of a callback is what the callback returned, and may say anything:
/// `Debug` leaves it out, [`Error`](crate::Error) shows it with secrets hidden.
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such program; nothing was started.
    #[non_exhaustive]
    NotFound {
        /// The directories of `PATH` that were searched; empty where the program is an absolute path.
        searched: Vec<PathBuf>,
    },
    /// A value that was computed breaks a rule of the declaration; nothing was started.
    #[non_exhaustive]
    Refused {
        /// The rule.
        rule: Rule,
        /// Which argument breaks it, counted as in `argv`: the first behind the program is 1.
        argument: Option<usize>,
        /// What is wrong, and what to write.
        reason: String,
    },
    /// A step on the way to the program failed; the program was not executed.
    #[non_exhaustive]
    Start {
        /// The step.
        step: Step,
        /// What the step was about: a path, a number.
        operand: String,
        /// Why it failed.
        source: io::Error,
    },
    /// The program ended in a way that was not declared as success.
    #[non_exhaustive]
    Exit {
        /// How it ended.
        status: ExitStatus,
    },
    /// An output was longer than its bound. What was read is in the error; the program was not disturbed.
    #[non_exhaustive]
    OutputLimit {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// The bound, in bytes.
        max: usize,
    },
    /// The program has ended, and something that it left behind still holds an output open. What was read is in the
    /// error.
    #[non_exhaustive]
    HeldOpen {
        /// `stdout` or `stderr`.
        stream: &'static str,
    },
    /// An output that was declared `text` is no UTF-8. Its bytes are in the error.
    #[non_exhaustive]
    InvalidUtf8 {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// How many of its first bytes are valid.
        valid_up_to: usize,
    },
    /// A stream could not be served.
    #[non_exhaustive]
    Stream {
        /// `stdin`, `stdout` or `stderr`.
        stream: &'static str,
        /// Why.
        source: io::Error,
    },
    /// The program ran longer than its `timeout` allows, and was ended.
    #[non_exhaustive]
    Timeout {
        /// What it was given.
        after: Duration,
    },
    /// The command was given up while it ran in the background.
    Aborted,
    /// A callback of `lines` or `split` returned an error, which ended the program.
    #[non_exhaustive]
    Callback {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// What the callback returned. Nothing is hidden in it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The program has ended, and how is not known: somebody else took its status.
    LostStatus,
    /// The program was to be ended and could not be within its grace and one second more, as where it is another user's
    /// or a debugger holds it. It still runs; it is reaped in the background when it ends.
    #[non_exhaustive]
    StillRunning {
        /// The number of the process.
        id: u32,
    },
}

impl ErrorKind {
    /// Hides secrets in its texts.
    pub(super) fn hide(&mut self, secrets: &Secrets) {
        if secrets.is_empty() {
            return;
        }
        match self {
            ErrorKind::NotFound { searched } => {
                for directory in searched {
                    let shown = secrets.hide_in_words(directory.as_os_str().as_bytes()).into_owned();
                    *directory = OsString::from_vec(shown).into();
                }
            }
            ErrorKind::Refused { reason, .. } => *reason = secrets.hide_in_text(std::mem::take(reason)),
            ErrorKind::Start { step, operand, source } => {
                *operand = secrets.hide_in_text(std::mem::take(operand));
                hide_in_source(source, |said| match step {
                    // The closure's own words, which were cut where they are longer than a report of the child.
                    Step::PreExec => secrets.hide(said, said.len() >= CUT),
                    _ => secrets.hide_in_words(said),
                });
            }
            ErrorKind::Stream { source, .. } => hide_in_source(source, |said| secrets.hide_in_words(said)),
            _ => {}
        }
    }
}

/// Puts the text of an error in its place, where that is not the kernel's: its `Debug` may show anything.
fn hide_in_source(source: &mut io::Error, hide: impl for<'a> FnOnce(&'a [u8]) -> Cow<'a, [u8]>) {
    if source.get_ref().is_some() {
        let said = source.to_string();
        *source = io::Error::new(source.kind(), String::from_utf8_lossy(&hide(said.as_bytes())));
    }
}

impl fmt::Debug for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ErrorKind::NotFound { searched } => f.debug_struct("NotFound").field("searched", searched).finish(),
            ErrorKind::Refused { rule, argument, reason } => f
                .debug_struct("Refused")
                .field("rule", rule)
                .field("argument", argument)
                .field("reason", reason)
                .finish(),
            ErrorKind::Start { step, operand, source } => {
                f.debug_struct("Start").field("step", step).field("operand", operand).field("source", source).finish()
            }
            ErrorKind::Exit { status } => f.debug_struct("Exit").field("status", status).finish(),
            ErrorKind::OutputLimit { stream, max } => {
                f.debug_struct("OutputLimit").field("stream", stream).field("max", max).finish()
            }
            ErrorKind::HeldOpen { stream } => f.debug_struct("HeldOpen").field("stream", stream).finish(),
            ErrorKind::InvalidUtf8 { stream, valid_up_to } => {
                f.debug_struct("InvalidUtf8").field("stream", stream).field("valid_up_to", valid_up_to).finish()
            }
            ErrorKind::Stream { stream, source } => {
                f.debug_struct("Stream").field("stream", stream).field("source", source).finish()
            }
            ErrorKind::Timeout { after } => f.debug_struct("Timeout").field("after", after).finish(),
            ErrorKind::Aborted => f.write_str("Aborted"),
            ErrorKind::Callback { stream, .. } => {
                f.debug_struct("Callback").field("stream", stream).finish_non_exhaustive()
            }
            ErrorKind::LostStatus => f.write_str("LostStatus"),
            ErrorKind::StillRunning { id } => f.debug_struct("StillRunning").field("id", id).finish(),
        }
    }
}
