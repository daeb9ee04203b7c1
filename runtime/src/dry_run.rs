//! Tests of code that runs commands, without running any (feature `dry-run`).
//!
//! Inside [`record`], commands of the same thread are not started: each is recorded as text and as parts, and answered
//! by a closure with a status and outputs, which reach the code as if a program had given them. What the runtime refuses
//! (an injected option, a NUL) is refused as ever, and nothing is recorded of it.
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

use crate::plan::streams::{Purpose, Streams};
use crate::spec::{Input, Sink, Spec};
use std::cell::RefCell;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;

/// How a command was to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// By `run` or `background`.
    Served,
    /// By `spawn`.
    Alongside,
    /// As a daemon.
    Daemon,
    /// By `exec`, which comes back with an error: a dry run replaces nothing.
    Replacing,
}

impl From<Purpose> for How {
    fn from(purpose: Purpose) -> How {
        match purpose {
            Purpose::Served { .. } => How::Served,
            Purpose::Alongside => How::Alongside,
            Purpose::Replace => How::Replacing,
        }
    }
}

/// A command that was not started.
#[derive(Clone)]
pub struct Recorded {
    how: How,
    text: String,
    program: OsString,
    args: Vec<OsString>,
    env: Vec<(OsString, OsString)>,
    cwd: Option<PathBuf>,
    input: Option<Vec<u8>>,
}

impl Recorded {
    fn new(spec: &Spec, how: How) -> Recorded {
        let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Recorded {
            how,
            text: spec.to_string(),
            program: os(spec.program.to_bytes()),
            args: spec.args.words().iter().map(|word| os(word.text.to_bytes())).collect(),
            env: spec.env.declared().iter().map(|variable| (os(variable.name()), os(variable.value()))).collect(),
            cwd: spec.cwd.as_ref().map(|cwd| PathBuf::from(os(cwd.to_bytes()))),
            input: match &spec.stdin {
                Input::Bytes(bytes) => Some(bytes.to_vec()),
                _ => None,
            },
        }
    }

    /// How it was to be run.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, How, record};
    /// let ((), commands) = record(|_| Answer::success(), || airtight::command! { "true" }.spawn().unwrap().wait().unwrap());
    /// assert_eq!(commands[0].how(), How::Alongside);
    /// ```
    pub fn how(&self) -> How {
        self.how
    }

    /// The command as `Display` shows it, secrets hidden.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "echo", args: ["a b"] }.run());
    /// assert_eq!(commands[0].text(), "echo 'a b'");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The program, as it was declared.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "echo" }.run());
    /// assert_eq!(commands[0].program(), "echo");
    /// ```
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// The arguments, secrets as they are.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "echo", args: ["a", secret("b")] }.run());
    /// assert_eq!(commands[0].args(), ["a", "b"]);
    /// ```
    pub fn args(&self) -> &[OsString] {
        &self.args
    }

    /// The variables that the declaration sets, secrets as they are.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "env", env: { A = 1 } }.run());
    /// assert_eq!(commands[0].env(), [("A".into(), "1".into())]);
    /// ```
    pub fn env(&self) -> &[(OsString, OsString)] {
        &self.env
    }

    /// The declared directory.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "pwd", cwd: "/srv" }.run());
    /// assert_eq!(commands[0].cwd(), Some("/srv".as_ref()));
    /// ```
    pub fn cwd(&self) -> Option<&Path> {
        self.cwd.as_deref()
    }

    /// What stdin was to be fed.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "cat", stdin: buffer("x") }.run());
    /// assert_eq!(commands[0].input(), Some(&b"x"[..]));
    /// ```
    pub fn input(&self) -> Option<&[u8]> {
        self.input.as_deref()
    }
}

/// Shows the text alone: the parts hold secrets as they are.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorded({:?}, {})", self.how, self.text)
    }
}

/// What a command that is not started seems to do.
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Answer {
    /// Exit code 0, and no output.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// assert!(record(|_| Answer::success(), || airtight::command! { "rm", args: ["-rf", "/"] }.run()).0.is_ok());
    /// ```
    pub fn success() -> Answer {
        Answer::exit(0)
    }

    /// An exit code.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (result, _) = record(|_| Answer::exit(3), || airtight::command! { "true", status: code }.run());
    /// assert_eq!(result?.status(), 3);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn exit(code: u8) -> Answer {
        Answer { status: ExitStatus::from_raw(i32::from(code) << 8), stdout: Vec::new(), stderr: Vec::new() }
    }

    /// Death by a signal, by its number.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (result, _) = record(|_| Answer::signal(9), || airtight::command! { "true" }.run());
    /// assert_eq!(result.unwrap_err().to_string(), "`true` was killed by SIGKILL");
    /// ```
    pub fn signal(signal: u8) -> Answer {
        Answer { status: ExitStatus::from_raw(i32::from(signal & 0x7f)), stdout: Vec::new(), stderr: Vec::new() }
    }

    /// With this stdout.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let answer = |_: &_| Answer::success().stdout("6.1.0\n");
    /// let (result, _) = record(answer, || airtight::command! { "uname", args: ["-r"], stdout: text }.run());
    /// assert_eq!(result?.stdout(), "6.1.0\n");
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn stdout(mut self, bytes: impl Into<Vec<u8>>) -> Answer {
        self.stdout = bytes.into();
        self
    }

    /// With this stderr.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let answer = |_: &_| Answer::exit(1).stderr("no such device");
    /// let (result, _) = record(answer, || airtight::command! { "mount" }.run());
    /// assert_eq!(result.unwrap_err().stderr(), b"no such device");
    /// ```
    pub fn stderr(mut self, bytes: impl Into<Vec<u8>>) -> Answer {
        self.stderr = bytes.into();
        self
    }
}

type Answering = Box<dyn FnMut(&Recorded) -> Answer>;

struct Scope {
    answer: Answering,
    recorded: Vec<Recorded>,
}

thread_local! {
    /// The innermost scope is the last.
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

/// Runs `body`, in which no command of this thread is started; gives what it returns, and the commands in their order.
///
/// Scopes may be nested: the inner one answers. A command that another thread runs is started.
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
    /// Also where `body` panics.
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            SCOPES.with_borrow_mut(|scopes| scopes.truncate(scopes.len().saturating_sub(1)));
        }
    }
    SCOPES.with_borrow_mut(|scopes| scopes.push(Scope { answer: Box::new(answer), recorded: Vec::new() }));
    let leave = Leave;
    let returned = body();
    let recorded = SCOPES.with_borrow_mut(|scopes| scopes.last_mut().map(|scope| std::mem::take(&mut scope.recorded)));
    drop(leave);
    (returned, recorded.unwrap_or_default())
}

/// The answer to a command in a dry run; `None` outside of one.
pub(crate) fn answer(spec: &Spec, how: How) -> Option<Answer> {
    // The closure may itself run commands, which are started: its scope is taken out meanwhile.
    let mut scope = SCOPES.with_borrow_mut(Vec::pop)?;
    let recorded = Recorded::new(spec, how);
    let answer = (scope.answer)(&recorded);
    scope.recorded.push(recorded);
    SCOPES.with_borrow_mut(|scopes| scopes.push(scope));
    Some(answer)
}

impl Answer {
    pub(crate) fn status(&self) -> ExitStatus {
        self.status
    }

    /// Ends of streams from which the answer is read, and into which what is fed disappears.
    pub(crate) fn streams(self, spec: &Spec, purpose: Purpose) -> Streams {
        let served = matches!(purpose, Purpose::Served { .. });
        let has_end = |sink: &Sink| match sink {
            Sink::Unset | Sink::Log => served,
            Sink::Buffer | Sink::FileBuffer | Sink::Pieces | Sink::Pipe { .. } => true,
            Sink::Null | Sink::Inherit | Sink::File { .. } | Sink::Fd(_) | Sink::Merged => false,
        };
        let merged = matches!(spec.stderr.sink, Sink::Merged);
        let stdout = if merged { [self.stdout, self.stderr.clone()].concat() } else { self.stdout };
        let end = |content: &[u8], wanted: bool| if wanted { crate::data::unsealed(content).ok() } else { None };
        let (input, wants_stdin) = match &spec.stdin {
            Input::Bytes(bytes) => (Some(bytes.clone()), true),
            Input::Pipe { .. } => (None, true),
            _ => (None, false),
        };
        let stderr = end(&self.stderr, has_end(&spec.stderr.sink));
        let ends = [end(b"", wants_stdin), end(&stdout, has_end(&spec.stdout.sink)), stderr];
        Streams::answered(input, ends)
    }
}
