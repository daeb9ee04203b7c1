//! What can go wrong: one error type, which carries what was captured until then.

mod explain;
mod refusal;
mod step;

pub use refusal::Rule;
pub(crate) use refusal::{Fault, Refusal, Unwatched};
pub use step::Step;

use crate::display::one_line;
use std::fmt;
use std::io;
use std::path::PathBuf;
use std::process::ExitStatus;
use std::time::Duration;

/// Why a command did not end as declared. `Display` is one line that names the program and what to do about it; secrets
/// and the environment are never in it.
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
}

/// What went wrong.
#[derive(Debug)]
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
        /// What the callback returned.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The program has ended, and how is not known: somebody else took its status.
    LostStatus,
    /// The program was to be ended and could not be within its grace and one second more, as where it is another user's
    /// or its control group is frozen. It still runs; it is reaped in the background when it ends.
    #[non_exhaustive]
    StillRunning {
        /// The number of the process.
        id: u32,
    },
}

impl Error {
    pub(crate) fn new(program: String, command_line: String, kind: ErrorKind) -> Error {
        let (stdout, stderr) = (Vec::new(), Vec::new());
        Error(Box::new(Inner { kind, program, command_line, reason: None, status: None, stdout, stderr }))
    }

    /// Says `reason` in the place of the errno's text.
    pub(crate) fn with_reason(mut self, reason: String) -> Error {
        self.0.reason = Some(reason);
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

    /// What was captured of stdout until then; empty unless it was declared `buffer` or `text`.
    ///
    /// ```
    /// let error = airtight::command! { "cat", args: ["/etc/hostname", "/nope"], stdout: buffer }.run().unwrap_err();
    /// assert_eq!(error.stdout(), std::fs::read("/etc/hostname")?);
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn stdout(&self) -> &[u8] {
        &self.0.stdout
    }

    /// What was captured of stderr until then: all of it where it was declared `buffer` or `text`, where `log` (the
    /// default) the last 4 KiB with secrets hidden.
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
        let Inner { kind, program, command_line, .. } = &*self.0;
        let program = one_line(program);
        match kind {
            ErrorKind::NotFound { searched } => explain::not_found(f, &program, searched),
            ErrorKind::Refused { reason, .. } => write!(f, "`{program}` was not started: {}", one_line(reason)),
            ErrorKind::Start { step, operand, source } => {
                write!(f, "`{program}` was not started: ")?;
                explain::start(f, *step, operand, source, self.0.reason.as_deref())
            }
            ErrorKind::Exit { status } => {
                write!(f, "`{}` {}", one_line(command_line), crate::status::describe(*status))?;
                explain::last_words(f, &self.0.stderr)
            }
            ErrorKind::OutputLimit { stream, max } => {
                write!(
                    f,
                    "`{program}` wrote more than {max} bytes to {stream}: raise the bound with `{stream}: buffer(max = …)`"
                )
            }
            ErrorKind::HeldOpen { stream } => {
                write!(f, "`{program}` has ended, but something it left behind still holds its {stream} open")
            }
            ErrorKind::InvalidUtf8 { stream, valid_up_to } => {
                write!(
                    f,
                    "`{program}` wrote invalid UTF-8 to {stream} after {valid_up_to} bytes: declare `{stream}: buffer`"
                )
            }
            ErrorKind::Stream { stream, source } => write!(f, "`{program}`: cannot serve its {stream}: {source}"),
            ErrorKind::Callback { stream, source } => {
                write!(
                    f,
                    "`{program}` was ended, since what took its {stream} failed: {}",
                    one_line(&source.to_string())
                )
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
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("command_line", &self.0.command_line)
            .field("kind", &self.0.kind)
            .field("stdout", &String::from_utf8_lossy(&self.0.stdout))
            .field("stderr", &String::from_utf8_lossy(&self.0.stderr))
            .finish()
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.0.kind {
            ErrorKind::Start { source, .. } | ErrorKind::Stream { source, .. } => Some(source),
            ErrorKind::Callback { source, .. } => Some(&**source),
            _ => None,
        }
    }
}
