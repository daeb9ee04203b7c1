//! A recorded command.

use crate::spec::settings::Directory;
use crate::spec::{Purpose, Spec};
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

/// The method by which a command was to be run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum How {
    /// By `run` or `background`.
    Served,
    /// By `spawn`.
    Alongside,
    /// As a daemon.
    Daemon,
    /// By `exec`, which returns an error: a dry run replaces no process.
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
    pub(super) fn new(spec: &Spec, how: How) -> Recorded {
        let os = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
        Recorded {
            how,
            text: spec.to_string(),
            program: os(spec.program.to_bytes()),
            args: spec.args.words().iter().map(|word| os(word.text.to_bytes())).collect(),
            env: spec.env.declared().iter().map(|variable| (os(variable.name()), os(variable.value()))).collect(),
            cwd: match &spec.cwd {
                Some(Directory::Path(path)) => Some(PathBuf::from(os(path.to_bytes()))),
                Some(Directory::Fd(_)) | None => None,
            },
            input: spec.stdin.fed().map(|bytes| bytes.to_vec()),
        }
    }

    /// The method by which it was to be run.
    ///
    /// ```
    /// use airtight::dry_run::{Answer, How, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "true" }.spawn()?.wait());
    /// assert_eq!(commands[0].how(), How::Alongside);
    /// ```
    pub fn how(&self) -> How {
        self.how
    }

    /// The command as `Display` shows it, with secrets hidden.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "echo", args: ["a b"] }.run());
    /// assert_eq!(commands[0].text(), "echo 'a b'");
    /// ```
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The program as it was declared.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (_, commands) = record(|_| Answer::success(), || airtight::command! { "echo" }.run());
    /// assert_eq!(commands[0].program(), "echo");
    /// ```
    pub fn program(&self) -> &OsStr {
        &self.program
    }

    /// The arguments. Secrets in them are not hidden.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let echo = || airtight::command! { "echo", args: ["a", secret("b")] };
    /// let (_, commands) = record(|_| Answer::success(), || echo().run());
    /// assert_eq!(commands[0].args(), ["a", "b"]);
    /// ```
    pub fn args(&self) -> &[OsString] {
        &self.args
    }

    /// The variables that the declaration sets. Secrets in them are not hidden.
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

    /// The bytes that were to be written to stdin.
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

/// Shows only the text, since the parts contain secrets.
impl fmt::Debug for Recorded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recorded({:?}, {})", self.how, self.text)
    }
}
