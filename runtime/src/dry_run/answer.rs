//! The answer that a dry run gives instead of starting a program.

use crate::plan::streams::Streams;
use crate::spec::{Purpose, Spec};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// The simulated end and output of a program that is not started.
#[derive(Clone, Debug)]
#[must_use]
pub struct Answer {
    status: ExitStatus,
    stdout: Vec<u8>,
    stderr: Vec<u8>,
}

impl Answer {
    /// Answers with exit code 0 and no output.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// assert!(record(|_| Answer::success(), || airtight::command! { "rm", args: ["-rf", "/"] }.run()).0.is_ok());
    /// ```
    pub fn success() -> Answer {
        Answer::exit(0)
    }

    /// Answers with an exit code.
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

    /// Answers with death by the signal with this number.
    ///
    /// ```
    /// # use airtight::dry_run::{Answer, record};
    /// let (result, _) = record(|_| Answer::signal(9), || airtight::command! { "true" }.run());
    /// assert_eq!(result.unwrap_err().to_string(), "`true` was killed by SIGKILL");
    /// ```
    pub fn signal(signal: u8) -> Answer {
        Answer { status: ExitStatus::from_raw(i32::from(signal & 0x7f)), stdout: Vec::new(), stderr: Vec::new() }
    }

    /// Adds an output to stdout.
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

    /// Adds an output to stderr.
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

impl Answer {
    pub(crate) fn status(&self) -> ExitStatus {
        self.status
    }

    /// The parent's ends of streams: the answer is read from them, and input written to them is discarded.
    pub(crate) fn streams(self, spec: &Spec, purpose: Purpose) -> Streams {
        let stdout = if spec.stderr.sink.is_merged() { [&*self.stdout, &self.stderr].concat() } else { self.stdout };
        let end = |number: usize, content: &[u8]| {
            if spec.has_end(number, purpose) { crate::fd::memory::unsealed(content).ok() } else { None }
        };
        let ends = [end(0, b""), end(1, &stdout), end(2, &self.stderr)];
        Streams::answered(spec.stdin.fed().cloned(), ends)
    }
}
