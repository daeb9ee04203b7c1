//! Errors: one type, which carries the output that was captured before the failure.

mod explain;
mod kind;
mod refusal;
mod step;

pub use kind::ErrorKind;
pub(crate) use kind::KEPT_OF_CLOSURE;
pub use refusal::Rule;
pub(crate) use refusal::{Fault, Refusal, Unwatched};
pub(crate) use step::Operand;
pub use step::Step;

use crate::display::one_line;
use crate::secret::Secrets;
use std::borrow::Cow;
use std::fmt::{self, Write};
use std::process::ExitStatus;

/// The error of a command that did not end as declared. `Display` shows one line with the program, the cause and a
/// remedy. [`source`](std::error::Error::source) returns `None`: `Display` already contains the cause, with secrets
/// hidden, and code that prints a chain of errors would repeat it. The cause itself is in [`kind`](Self::kind).
///
/// Neither `Display` nor `Debug`, and so no panic message, contains secrets or the environment. A value that is
/// declared `secret` is shown as `***`, even if the program or a callback repeats it. Captured output is kept
/// unchanged, see [`stdout`](Self::stdout) and [`stderr`](Self::stderr).
///
/// ```
/// let error = airtight::command! { "ls", args: ["/nonexistent"] }.run().unwrap_err();
/// assert!(error.to_string().starts_with("`ls /nonexistent` exited with code 2: "));
/// assert!(error.stderr().ends_with(b"No such file or directory\n"));
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    program: String,
    command_line: String,
    /// A reason that is more precise than the errno.
    reason: Option<String>,
    /// The status of the program, if it has ended.
    status: Option<ExitStatus>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// The secrets to hide when any of this is shown.
    secrets: Secrets,
}

impl Error {
    pub(crate) fn new(program: String, command_line: String, mut kind: ErrorKind, secrets: Secrets) -> Error {
        kind.hide(&secrets);
        let (stdout, stderr) = (Vec::new(), Vec::new());
        Error(Box::new(Inner { kind, program, command_line, reason: None, status: None, stdout, stderr, secrets }))
    }

    /// Shows `reason` instead of the text of the errno.
    pub(crate) fn with_reason(mut self, reason: String) -> Error {
        self.0.reason = Some(self.0.secrets.hide_in_text(reason));
        self
    }

    pub(crate) fn with_streams(mut self, stdout: Vec<u8>, stderr: Vec<u8>) -> Error {
        self.0.stdout = stdout;
        self.0.stderr = stderr;
        self
    }

    /// Adds the status of the program, if the error itself does not contain it.
    pub(crate) fn with_status(mut self, status: ExitStatus) -> Error {
        self.0.status = Some(status);
        self
    }

    /// The kind of failure.
    ///
    /// ```
    /// use airtight::{ErrorKind, command};
    /// let error = command! { "no-such-program" }.run().unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::NotFound { .. }));
    /// ```
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The program as it was declared.
    ///
    /// ```
    /// assert_eq!(airtight::command! { "false" }.run().unwrap_err().program(), "false");
    /// ```
    pub fn program(&self) -> &str {
        &self.0.program
    }

    /// The command line, quoted for a shell, with secrets hidden.
    ///
    /// ```
    /// let error = airtight::command! { "test", args: ["a b", "-eq", 1] }.run().unwrap_err();
    /// assert_eq!(error.command_line(), "test 'a b' -eq 1");
    /// ```
    pub fn command_line(&self) -> &str {
        &self.0.command_line
    }

    /// The status of the program, for every kind of error, if it has ended and its status is known.
    ///
    /// ```
    /// let error = airtight::command! { "false" }.run().unwrap_err();
    /// assert_eq!(error.exit_status().and_then(|status| status.code()), Some(1));
    /// // The error is that it wrote too much. Its status is still known.
    /// let error = airtight::command! { "echo", args: ["much"], stdout: buffer(max = 2) }.run().unwrap_err();
    /// assert!(error.exit_status().is_some_and(|status| status.success()));
    /// ```
    pub fn exit_status(&self) -> Option<ExitStatus> {
        match self.0.kind {
            ErrorKind::Exit { status } => Some(status),
            _ => self.0.status,
        }
    }

    /// The stdout that was captured before the failure; empty unless it was declared `buffer`, `file_buffer` or `text`.
    /// These are the program's bytes: secrets in them are not hidden.
    ///
    /// ```
    /// let error = airtight::command! { "cat", args: ["/etc/hostname", "/nope"], stdout: buffer }.run().unwrap_err();
    /// assert_eq!(error.stdout(), std::fs::read("/etc/hostname")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stdout(&self) -> &[u8] {
        &self.0.stdout
    }

    /// The stderr that was captured before the failure. If it was declared `buffer`, `file_buffer` or `text`, these are
    /// all bytes that the program wrote, and secrets in them are not hidden. If it was declared `log` (the default) or
    /// another kind that this process reads, these are the last 4 KiB with secrets hidden.
    ///
    /// ```
    /// let error = airtight::command! { "ls", args: ["/nope"] }.run().unwrap_err();
    /// assert!(error.stderr().starts_with(b"ls: "));
    /// ```
    pub fn stderr(&self) -> &[u8] {
        &self.0.stderr
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.describe(&mut text)?;
        f.write_str(&one_line(&text))
    }
}

impl Error {
    /// Writes the message, before it is put on one line. Secrets are hidden in texts of the command, its program or a
    /// callback; the fixed words around them are not searched.
    fn describe(&self, f: &mut String) -> fmt::Result {
        let Inner { kind, command_line, secrets, .. } = &*self.0;
        let program = &secrets.hide_in_text(self.0.program.clone());
        match kind {
            ErrorKind::NotFound { searched } => explain::not_found(f, program, searched),
            ErrorKind::Refused { reason, .. } => write!(f, "`{program}` was not started: {reason}"),
            ErrorKind::Start { step, operand, source } => {
                write!(f, "`{program}` was not started: ")?;
                explain::start(f, *step, operand, source, self.0.reason.as_deref())
            }
            ErrorKind::Exit { status } => {
                write!(f, "`{command_line}` {}", crate::status::describe(*status))?;
                explain::last_words(f, &secrets.hide(&self.0.stderr, true))
            }
            ErrorKind::OutputLimit { stream, max } => {
                write!(
                    f,
                    "`{program}` wrote more than {max} bytes to {stream}: raise its bound (`max = …`) in `{stream}`"
                )
            }
            ErrorKind::HeldOpen { stream } => {
                write!(
                    f,
                    "`{program}` has ended, but a leftover process still holds its {stream} open: \
                     `descendants: kill` kills it, and `{stream}: file_buffer` does not wait for it"
                )
            }
            ErrorKind::InvalidUtf8 { stream, valid_up_to } => {
                write!(
                    f,
                    "`{program}` wrote invalid UTF-8 to {stream} after {valid_up_to} bytes: declare `{stream}: buffer`"
                )
            }
            ErrorKind::Stream { stream, source } => write!(f, "`{program}`: cannot serve its {stream}: {source}"),
            ErrorKind::Callback { stream, .. } => {
                let said = self.said_by_callback().unwrap_or_default();
                write!(f, "`{program}` was ended, because the callback of {stream} failed: {said}")
            }
            ErrorKind::Timeout { after } => write!(f, "`{program}` was ended: it ran longer than {after:?}"),
            ErrorKind::Aborted => write!(f, "`{program}` was aborted"),
            ErrorKind::LostStatus => {
                write!(
                    f,
                    "`{program}` has ended, but its status was lost: SIGCHLD is ignored, or other code in this process \
                     waits for its children"
                )
            }
            ErrorKind::StillRunning { id } => {
                write!(f, "`{program}` still runs as process {id}: SIGKILL has not ended it")
            }
        }
    }

    /// The text of a callback's error and of its causes, with secrets hidden, since it may quote the output.
    fn said_by_callback(&self) -> Option<String> {
        let ErrorKind::Callback { source, .. } = &self.0.kind else { return None };
        let mut said = source.to_string();
        let mut cause = source.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Many errors include the text of their cause.
            if !said.contains(&text) {
                said = format!("{said}: {text}");
            }
            cause = inner.source();
        }
        Some(lossy(&self.0.secrets.hide(said.as_bytes(), false)).into_owned())
    }
}

fn lossy(text: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(text)
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, command_line, status, stdout, stderr, secrets, .. } = &*self.0;
        let mut shown = f.debug_struct("Error");
        shown.field("command_line", command_line).field("kind", kind);
        if let Some(said) = self.said_by_callback() {
            shown.field("source", &said);
        }
        if let Some(status) = status {
            shown.field("status", status);
        }
        // Either may have been cut off at its bound, or when the program was killed.
        let [stdout, stderr] = [stdout, stderr].map(|bytes| secrets.hide(bytes, true));
        shown.field("stdout", &lossy(&stdout)).field("stderr", &lossy(&stderr)).finish()
    }
}

impl std::error::Error for Error {}
