//! A declaration as an owned value: everything of a command but its types and its descriptors.

pub(crate) mod args;
mod check;
pub(crate) mod env;
pub(crate) mod settings;
mod shown;
mod streams;
pub(crate) mod value;

pub(crate) use streams::{Input, Purpose, Sink, Target};

use crate::bound::Timeout;
use crate::error::{Error, ErrorKind, Fault, Refusal, Unwatched};
use crate::secret::Secrets;
use crate::shared::command_line::program;
use crate::status::Accepted;
use args::Args;
use env::Environment;
use nix::errno::Errno;
use settings::{Directory, Settings};
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use streams::DEFAULT_MAX;
use value::Hole;

/// A passed descriptor.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    /// Its index among the descriptors that the command holds.
    pub(crate) place: usize,
    /// Its number in the child; `None` for its number in the parent.
    pub(crate) number: Option<i32>,
}

#[doc(hidden)]
#[derive(Clone)]
pub struct Spec {
    pub(crate) program: Cow<'static, CStr>,
    pub(crate) args: Args,
    pub(crate) argv0: Option<CString>,
    pub(crate) env: Environment,
    pub(crate) cwd: Option<Directory>,
    pub(crate) pidfile: Option<CString>,
    pub(crate) umask: Option<u32>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Target,
    pub(crate) stderr: Target,
    pub(crate) accepted: Accepted,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) process: Settings,
    pub(crate) passed: Vec<Passed>,
    /// Why a memfd could not be created. The method that runs the command reports it.
    pub(crate) data_failed: Option<Errno>,
    /// The first value, other than an argument, that a rule refuses.
    refused: Option<Refusal>,
}

impl Spec {
    pub(crate) fn new() -> Spec {
        let target = Target { sink: Sink::Unset, max: DEFAULT_MAX };
        Spec {
            program: Cow::Borrowed(c""),
            args: Args::new(),
            argv0: None,
            env: Environment::default(),
            cwd: None,
            pidfile: None,
            umask: None,
            stdin: Input::Unset,
            stdout: target.clone(),
            stderr: target,
            accepted: Accepted::Success,
            timeout: None,
            process: Settings::default(),
            passed: Vec::new(),
            data_failed: None,
            refused: None,
        }
    }

    pub(crate) fn refuse(&mut self, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
    }

    /// Refuses `descendants: kill` if this process does not see the end of the program.
    pub(crate) fn refuse_descendants(&mut self, of: Unwatched) {
        if self.process.kills_descendants {
            self.refuse(Refusal::key("descendants", Fault::Descendants(of)));
        }
    }

    /// Converts a text to a C string. A text with a NUL is refused, and replaced by an empty one.
    pub(crate) fn c_string(&mut self, key: &'static str, text: &[u8]) -> CString {
        CString::new(text).unwrap_or_else(|_| {
            self.refuse(Refusal::key(key, Fault::Nul));
            CString::default()
        })
    }

    pub(crate) fn set_program(&mut self, text: &[u8], verbatim: bool) {
        self.program = Cow::Owned(self.c_string("the program", text));
        // A computed absolute path may contain unusual characters: the file exists or it does not.
        let is_path = verbatim || text.starts_with(b"/");
        let fault = if is_path { program::fault_of_verbatim(text) } else { program::fault(text) };
        if let Some(fault) = fault {
            self.refuse(Refusal::key("the program", Fault::Program(fault)));
        }
    }

    /// Reads a path that must be absolute. Returns `None` if there is no value.
    pub(crate) fn absolute(&mut self, key: &'static str, hole: Hole<'_>) -> Option<CString> {
        let text = hole.text()?;
        if text.first() != Some(&b'/') {
            self.refuse(Refusal::key(key, Fault::RelativePath));
        }
        Some(self.c_string(key, &text))
    }

    pub(crate) fn set_umask(&mut self, mask: u32) {
        if mask > 0o777 {
            self.refuse(Refusal::key("umask", Fault::Umask(mask)));
        }
        self.umask = Some(mask);
    }

    /// Whether this process holds an end of the stream with this number: of a pipe, or of a file in memory.
    pub(crate) fn has_end(&self, number: usize, purpose: Purpose) -> bool {
        // The end of stderr is kept for errors even if the log has no subscriber, and so is that of a stdout that
        // stderr is merged into.
        match number {
            0 => self.stdin.has_end(),
            1 => self.stdout.sink.has_end(purpose, self.stderr.sink.is_merged()),
            _ => self.stderr.sink.has_end(purpose, true),
        }
    }

    /// All texts that must not be shown for this command.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(self.args.words().secrets().chain(self.env.secrets()))
    }

    pub(crate) fn program_text(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(self.program_text(), self.command_line(), kind, self.secrets())
    }

    pub(crate) fn timed_out(&self) -> Error {
        let after = self.timeout.map(|timeout| timeout.after).unwrap_or_default();
        self.error(ErrorKind::Timeout { after })
    }

    pub(crate) fn refused_error(&self, refusal: &Refusal) -> Error {
        self.error(ErrorKind::Refused {
            rule: refusal.rule(),
            argument: refusal.argument_index(),
            reason: refusal.reason(&self.secrets()),
        })
    }
}
