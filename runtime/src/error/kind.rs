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

/// How many bytes of a closure's error the child reports, in one message with the step.
pub(crate) const KEPT_OF_CLOSURE: usize = 500;
/// A message of at least this length may have been cut, since the cut is made before a character of up to four bytes.
const CUT: usize = KEPT_OF_CLOSURE - 3;

/// The kind of failure of a command.
///
/// Secrets are hidden in its texts. The error of a callback is the value that the callback returned, and may contain
/// secrets: `Debug` omits it, and [`Error`](crate::Error) shows it with secrets hidden.
#[non_exhaustive]
pub enum ErrorKind {
    /// The program does not exist. Nothing was started.
    #[non_exhaustive]
    NotFound {
        /// The directories of `PATH` that were searched; empty if the program is an absolute path.
        searched: Vec<PathBuf>,
    },
    /// A computed value breaks a rule of the declaration. Nothing was started.
    #[non_exhaustive]
    Refused {
        /// The rule.
        rule: Rule,
        /// The index in argv of the argument that breaks it. The first argument after the program is 1.
        argument: Option<usize>,
        /// The mistake, and how to correct it.
        reason: String,
    },
    /// A step before exec failed. The program was not executed.
    #[non_exhaustive]
    Start {
        /// The step.
        step: Step,
        /// The subject of the step: a path, a number.
        operand: String,
        /// The error of the step.
        source: io::Error,
    },
    /// The program did not end as declared.
    #[non_exhaustive]
    Exit {
        /// The status of the program.
        status: ExitStatus,
    },
    /// An output was longer than its bound. The error carries the bytes read. The program was not disturbed.
    #[non_exhaustive]
    OutputLimit {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// The bound, in bytes.
        max: usize,
    },
    /// The program has ended, but a leftover still holds an output open. The error carries the bytes read.
    #[non_exhaustive]
    HeldOpen {
        /// `stdout` or `stderr`.
        stream: &'static str,
    },
    /// An output that was declared `text` is not valid UTF-8. The error carries its bytes.
    #[non_exhaustive]
    InvalidUtf8 {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// How many bytes at its beginning are valid.
        valid_up_to: usize,
    },
    /// This process could not read or write a stream.
    #[non_exhaustive]
    Stream {
        /// `stdin`, `stdout` or `stderr`.
        stream: &'static str,
        /// The error of the read or write.
        source: io::Error,
    },
    /// The program ran longer than its `timeout`, and was ended.
    #[non_exhaustive]
    Timeout {
        /// The declared timeout.
        after: Duration,
    },
    /// The command was aborted while it ran in the background.
    Aborted,
    /// A callback of `lines` or `split` returned an error, which ended the program.
    #[non_exhaustive]
    Callback {
        /// `stdout` or `stderr`.
        stream: &'static str,
        /// The error that the callback returned. Secrets in it are not hidden.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The program has ended, but its status is unknown: SIGCHLD is ignored, or another waiter has taken the status.
    LostStatus,
    /// The program was to be ended, but did not end within its grace and one more second. For example, this process may
    /// not signal it, or a tracer holds it. It still runs, and is reaped in the background when it ends.
    #[non_exhaustive]
    StillRunning {
        /// The pid of the program.
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
                    // The text of the closure, which is cut if it is longer than the child can report.
                    Step::PreExec => secrets.hide(said, said.len() >= CUT),
                    _ => secrets.hide_in_words(said),
                });
            }
            ErrorKind::Stream { source, .. } => hide_in_source(source, |said| secrets.hide_in_words(said)),
            _ => {}
        }
    }
}

/// Replaces the error by its text, unless it is an errno: its `Debug` could show secrets.
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
