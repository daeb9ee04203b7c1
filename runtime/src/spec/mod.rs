//! What a declaration says, owned: everything of a command but its types and its descriptors.

pub(crate) mod args;
pub(crate) mod env;
pub(crate) mod settings;
pub(crate) mod value;

use crate::command_line::{self, program};
use crate::display::{Quoted, join, shown};
use crate::error::{Error, ErrorKind, Fault, Refusal, Step, Unwatched};
use crate::secret::{HIDDEN, Secrets};
use crate::status::Accepted;
use args::{Args, Word};
use env::Environment;
use nix::errno::Errno;
use settings::Settings;
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use value::Hole;

/// How much of an output is kept where no bound was declared.
pub(crate) const DEFAULT_MAX: usize = 64 << 20;

/// The source of stdin.
#[derive(Clone)]
pub(crate) enum Input {
    Unset,
    Null,
    Inherit,
    Bytes(Arc<Vec<u8>>),
    File(CString),
    /// A place among the descriptors that the command holds.
    Fd(usize),
    Pipe {
        nonblocking: bool,
    },
}

/// The target of stdout or stderr.
#[derive(Clone)]
pub(crate) enum Sink {
    Unset,
    Null,
    Inherit,
    Log,
    Buffer,
    /// A file in memory.
    FileBuffer,
    /// `lines` or `split`.
    Pieces,
    File {
        path: CString,
        append: bool,
    },
    Fd(usize),
    Pipe {
        nonblocking: bool,
    },
    /// Only stderr: where stdout goes.
    Merged,
}

/// One output: where it goes, and how much of it is kept.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) sink: Sink,
    pub(crate) max: usize,
}

/// A descriptor that is passed on.
#[derive(Clone, Copy)]
pub(crate) struct Passed {
    /// Its place among those that the command holds.
    pub(crate) place: usize,
    /// Its number in the child; that of the parent where absent.
    pub(crate) number: Option<i32>,
}

/// How long the program may run: then the signal, and after the grace SIGKILL.
#[derive(Clone, Copy)]
pub(crate) struct Timeout {
    pub(crate) after: Duration,
    pub(crate) grace: Duration,
    /// The first one, SIGTERM where none was declared.
    pub(crate) signal: i32,
}

#[doc(hidden)]
#[derive(Clone)]
pub struct Spec {
    pub(crate) program: Cow<'static, CStr>,
    pub(crate) args: Args,
    pub(crate) argv0: Option<CString>,
    pub(crate) env: Environment,
    pub(crate) cwd: Option<CString>,
    pub(crate) pidfile: Option<CString>,
    pub(crate) umask: Option<u32>,
    pub(crate) stdin: Input,
    pub(crate) stdout: Target,
    pub(crate) stderr: Target,
    pub(crate) accepted: Accepted,
    pub(crate) timeout: Option<Timeout>,
    pub(crate) process: Settings,
    pub(crate) passed: Vec<Passed>,
    /// Why data could not be put into a file, to be reported by what runs the command.
    pub(crate) data_failed: Option<Errno>,
    /// The first value that a rule refuses, arguments apart.
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

    /// Refuses `descendants: kill` of a program whose end nobody here sees.
    pub(crate) fn refuse_descendants(&mut self, of: Unwatched) {
        if self.process.kills_descendants {
            self.refuse(Refusal::key("descendants", Fault::Descendants(of)));
        }
    }

    /// The text as a C string; one with a NUL is refused, and stands as an empty one.
    pub(crate) fn c_string(&mut self, key: &'static str, text: &[u8]) -> CString {
        CString::new(text).unwrap_or_else(|_| {
            self.refuse(Refusal::key(key, Fault::Nul));
            CString::default()
        })
    }

    pub(crate) fn set_program(&mut self, text: &[u8], verbatim: bool) {
        self.program = Cow::Owned(self.c_string("the program", text));
        // A computed path may be as odd as folders are: either there is such a file or there is none.
        let is_path = verbatim || text.starts_with(b"/");
        let fault = if is_path { program::fault_of_verbatim(text) } else { program::fault(text) };
        if let Some(fault) = fault {
            self.refuse(Refusal::key("the program", Fault::Program(fault)));
        }
    }

    /// A path that must be absolute; without a value, the key counts as absent.
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

    /// What must never be shown of this command.
    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(self.args.words().secrets().chain(self.env.secrets()))
    }

    pub(crate) fn program_text(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }

    /// The program and its arguments, without the environment.
    pub(crate) fn command_line(&self) -> String {
        CommandLine(self).to_string()
    }

    pub(crate) fn error(&self, kind: ErrorKind) -> Error {
        Error::new(self.program_text(), self.command_line(), kind, self.secrets())
    }

    pub(crate) fn timed_out(&self) -> Error {
        let after = self.timeout.map(|timeout| timeout.after).unwrap_or_default();
        self.error(ErrorKind::Timeout { after })
    }

    /// The error of a declaration that nothing can be started from.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if let Some(errno) = self.data_failed {
            let operand = self.program_text();
            return Err(self.error(ErrorKind::Start { step: Step::Data, operand, source: errno.into() }));
        }
        match self.refused.as_ref().or(self.args.refused()) {
            None => self.examine_args().map_or(Ok(()), |refusal| Err(self.refused_error(&refusal))),
            Some(refusal) => Err(self.refused_error(refusal)),
        }
    }

    /// An option that nobody wrote, or a script given to a shell, or a computed one to an interpreter: what the macro
    /// could not see, since the program or the arguments are computed.
    fn examine_args(&self) -> Option<Refusal> {
        let program = self.program.to_bytes();
        let may_have_script = !self.args.is_empty() && command_line::is_of_interest(program);
        let has_suspects = self.args.has_suspects();
        if !may_have_script && !has_suspects {
            return None;
        }
        let words: Vec<command_line::Word<'_>> = self
            .args
            .words()
            .iter()
            .map(|word| command_line::Word {
                text: word.text.to_bytes(),
                is_list: false,
                is_computed: word.is_computed,
                is_verbatim: word.is_verbatim,
                is_value: word.is_value,
            })
            .collect();
        // Of the two, the script says more of what would have happened.
        let script = if may_have_script { self.find_script(program, &words) } else { None };
        script.or_else(|| if has_suspects { self.args.injected_option(program, &words) } else { None })
    }

    fn find_script(&self, program: &[u8], words: &[command_line::Word<'_>]) -> Option<Refusal> {
        let found = command_line::script(&command_line::invocation::invocations(program, words), words)?;
        let index = found.script.or(found.option).or(found.program)? + 1;
        let is_hidden = |index| self.args.words().iter().nth(index).is_some_and(|word| word.secret_from.is_some());
        let reader = match found.program {
            None => program,
            Some(index) if is_hidden(index) => HIDDEN.as_bytes(),
            Some(index) => words[index].text,
        };
        Some(Refusal::argument(index, Fault::Script { kind: found.kind, reader: reader.to_vec() }))
    }

    pub(crate) fn refused_error(&self, refusal: &Refusal) -> Error {
        self.error(ErrorKind::Refused {
            rule: refusal.rule(),
            argument: refusal.argument_index(),
            reason: refusal.reason(&self.secrets()),
        })
    }
}

struct CommandLine<'a>(&'a Spec);

impl fmt::Display for CommandLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        join(f, words(self.0, &self.0.secrets()))
    }
}

/// The declared environment, the program and the arguments.
impl fmt::Display for Spec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = self.secrets();
        let declared = self.env.declared();
        // What is no name to a shell is no assignment either: env(1) takes any.
        let odd = declared.iter().any(|variable| !is_shell_name(variable.name()));
        let env = odd.then(|| (false, "env".to_owned()));
        let variables = declared.into_iter().map(|variable| {
            let name = Quoted::new(variable.name());
            let value = secrets.hide_in_words(variable.value());
            let value = if variable.secret { Quoted::hidden_behind(b"") } else { Quoted::new(&value) };
            // `NAME=` alone is an assignment; `''` behind it would be noise.
            let shown = if variable.value().is_empty() { format!("{name}=") } else { format!("{name}={value}") };
            (false, shown)
        });
        join(f, env.into_iter().chain(variables).chain(words(self, &secrets)))
    }
}

fn is_shell_name(name: &[u8]) -> bool {
    !name.first().is_some_and(u8::is_ascii_digit)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Each word, and whether a line may be broken before it.
fn words(spec: &Spec, secrets: &Secrets) -> impl Iterator<Item = (bool, String)> {
    let program = secrets.hide_in_words(spec.program.to_bytes());
    let program = (false, Quoted::program(&program).to_string());
    let args = spec.args.words().iter().map(|word| {
        let option = matches!(word, Word { text, .. } if begins_option(text));
        (option, shown(word, secrets))
    });
    std::iter::once(program).chain(args)
}

fn begins_option(word: &CStr) -> bool {
    word.to_bytes().len() > 1 && word.to_bytes().starts_with(b"-")
}
