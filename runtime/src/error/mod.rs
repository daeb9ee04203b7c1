//! What can go wrong: one error type, which carries what was captured until then.

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

/// Why a command did not end as declared. `Display` is one line that names the program, the cause and what to do about
/// it. [`source`](std::error::Error::source) is `None`, so that what prints a chain of errors says the cause once and with
/// secrets hidden. The cause itself is in [`kind`](Self::kind).
///
/// Secrets and the environment are in neither `Display` nor `Debug`, and so in no panic: what was declared `secret` is
/// shown as `***`, also where the program or a callback repeats it. What was captured is kept as it is: see
/// [`stdout`](Self::stdout), [`stderr`](Self::stderr).
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
    /// More than the errno says.
    reason: Option<String>,
    /// How the program ended, if it did.
    status: Option<ExitStatus>,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
    /// What is hidden in all of this where it is shown.
    secrets: Secrets,
}

impl Error {
    pub(crate) fn new(program: String, command_line: String, mut kind: ErrorKind, secrets: Secrets) -> Error {
        kind.hide(&secrets);
        let (stdout, stderr) = (Vec::new(), Vec::new());
        Error(Box::new(Inner { kind, program, command_line, reason: None, status: None, stdout, stderr, secrets }))
    }

    /// Says `reason` in the place of the errno's text.
    pub(crate) fn with_reason(mut self, reason: String) -> Error {
        self.0.reason = Some(self.0.secrets.hide_in_text(reason));
        self
    }

    pub(crate) fn with_streams(mut self, stdout: Vec<u8>, stderr: Vec<u8>) -> Error {
        self.0.stdout = stdout;
        self.0.stderr = stderr;
        self
    }

    /// Says how the program ended, where that is not the error itself.
    pub(crate) fn with_status(mut self, status: ExitStatus) -> Error {
        self.0.status = Some(status);
        self
    }

    /// What went wrong.
    ///
    /// ```
    /// use airtight::{ErrorKind, command};
    /// let error = command! { "no-such-program" }.run().unwrap_err();
    /// assert!(matches!(error.kind(), ErrorKind::NotFound { .. }));
    /// ```
    pub fn kind(&self) -> &ErrorKind {
        &self.0.kind
    }

    /// The program, as it was declared.
    ///
    /// ```
    /// assert_eq!(airtight::command! { "false" }.run().unwrap_err().program(), "false");
    /// ```
    pub fn program(&self) -> &str {
        &self.0.program
    }

    /// The command line, quoted for a shell, secrets hidden.
    ///
    /// ```
    /// let error = airtight::command! { "test", args: ["a b", "-eq", 1] }.run().unwrap_err();
    /// assert_eq!(error.command_line(), "test 'a b' -eq 1");
    /// ```
    pub fn command_line(&self) -> &str {
        &self.0.command_line
    }

    /// How the program ended: of every kind of error, once it has ended and its status is known.
    ///
    /// ```
    /// let error = airtight::command! { "false" }.run().unwrap_err();
    /// assert_eq!(error.exit_status().and_then(|status| status.code()), Some(1));
    /// // That it wrote too much is the error, and that it ended with success is known all the same.
    /// let error = airtight::command! { "echo", args: ["much"], stdout: buffer(max = 2) }.run().unwrap_err();
    /// assert!(error.exit_status().is_some_and(|status| status.success()));
    /// ```
    pub fn exit_status(&self) -> Option<ExitStatus> {
        match self.0.kind {
            ErrorKind::Exit { status } => Some(status),
            _ => self.0.status,
        }
    }

    /// What was captured of stdout until then; empty unless it was declared `buffer` or `text`. These are the program's
    /// bytes: no secret that it repeats is hidden in them.
    ///
    /// ```
    /// let error = airtight::command! { "cat", args: ["/etc/hostname", "/nope"], stdout: buffer }.run().unwrap_err();
    /// assert_eq!(error.stdout(), std::fs::read("/etc/hostname")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stdout(&self) -> &[u8] {
        &self.0.stdout
    }

    /// What was captured of stderr until then. Where it was declared `buffer`, `file_buffer` or `text`, all of it, as
    /// the program wrote it: no secret that it repeats is hidden. Where it was declared `log` (the default), or anything
    /// else that this process reads, the last 4 KiB, with secrets hidden.
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
    /// What is shown, before it is put on one line. What a command, its program or a callback say in it has its secrets
    /// hidden; the words around that are never searched for one.
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
                    "`{program}` has ended, but something it left behind still holds its {stream} open: \
                     `descendants: kill` ends that, and `{stream}: file_buffer` does not wait for it"
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
                write!(f, "`{program}` was ended, since what took its {stream} failed: {said}")
            }
            ErrorKind::Timeout { after } => write!(f, "`{program}` was ended: it ran longer than {after:?}"),
            ErrorKind::Aborted => write!(f, "`{program}` was given up while it ran"),
            ErrorKind::LostStatus => {
                write!(
                    f,
                    "`{program}` has ended, but its status was lost: something else in this process waits for its children"
                )
            }
            ErrorKind::StillRunning { id } => {
                write!(f, "`{program}` still runs as process {id}: it could not be ended")
            }
        }
    }

    /// The text of a callback's error and of its causes, secrets hidden: it may quote what it was called with.
    fn said_by_callback(&self) -> Option<String> {
        let ErrorKind::Callback { source, .. } = &self.0.kind else { return None };
        let mut said = source.to_string();
        let mut cause = source.source();
        while let Some(inner) = cause {
            let text = inner.to_string();
            // Many errors say their cause themselves.
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
        // Either may have been cut at its bound, or where the program was killed.
        let [stdout, stderr] = [stdout, stderr].map(|bytes| secrets.hide(bytes, true));
        shown.field("stdout", &lossy(&stdout)).field("stderr", &lossy(&stderr)).finish()
    }
}

impl std::error::Error for Error {}
