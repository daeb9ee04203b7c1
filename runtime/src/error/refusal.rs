//! Computed values that a declaration refuses. They are found while a command is built; the method that runs it reports
//! them.

use crate::secret::{HIDDEN, Secrets};
use crate::shared::command_line::{self, program};
use crate::shared::rules;
use std::fmt;

/// A rule that can be checked only at run time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A text with a NUL byte, which no program can receive.
    Nul,
    /// A computed argument that begins with `-`, so that the program could take it for an option.
    OptionInjection,
    /// An empty program name.
    EmptyProgram,
    /// A program given by a relative path.
    RelativeProgram,
    /// A relative or empty path, although the key needs an absolute one.
    RelativePath,
    /// A variable whose name is empty or contains `=`, or a variable without `=`.
    VariableName,
    /// A umask with bits beyond `0o777`.
    Umask,
    /// An empty user name.
    UserName,
    /// An empty list of CPUs.
    EmptyCpus,
    /// A descriptor with the number of a stream, or two descriptors with one number.
    DescriptorNumber,
    /// A program and its arguments in one string.
    ProgramWithArguments,
    /// A program with a character that only a shell interprets.
    ShellSyntaxInProgram,
    /// `NAME=value` instead of a program.
    AssignmentAsProgram,
    /// A shell builtin instead of a program.
    ShellBuiltin,
    /// A script given to a shell in the arguments. The macro could not see it, because the program is computed.
    ShellScript,
    /// A computed script given to an interpreter.
    ComputedScript,
    /// A `shell_script` of a program that is not a shell.
    ScriptOfNoShell,
    /// A daemon with a key that only a child of this process can have.
    Daemon,
    /// `descendants: kill` of a daemon, or of a program that replaces this process.
    Descendants,
}

impl Rule {
    /// The name of the rule, as in the documentation.
    ///
    /// ```
    /// assert_eq!(airtight::Rule::OptionInjection.name(), "option_injection");
    /// ```
    pub fn name(self) -> &'static str {
        match self {
            Rule::Nul => rules::NUL,
            Rule::OptionInjection => "option_injection",
            Rule::EmptyProgram => rules::EMPTY_PROGRAM,
            Rule::RelativeProgram => rules::RELATIVE_PROGRAM,
            Rule::RelativePath => rules::RELATIVE_PATH,
            Rule::VariableName => rules::VARIABLE_NAME,
            Rule::Umask => rules::UMASK,
            Rule::UserName => rules::USER_NAME,
            Rule::DescriptorNumber => rules::DESCRIPTOR_NUMBER,
            Rule::ProgramWithArguments => rules::PROGRAM_WITH_ARGUMENTS,
            Rule::ShellSyntaxInProgram => rules::SHELL_SYNTAX_IN_PROGRAM,
            Rule::AssignmentAsProgram => rules::ASSIGNMENT_AS_PROGRAM,
            Rule::ShellBuiltin => rules::SHELL_BUILTIN,
            Rule::ShellScript => rules::SHELL_SCRIPT,
            Rule::ComputedScript => rules::COMPUTED_SCRIPT,
            Rule::ScriptOfNoShell => rules::SCRIPT_OF_NO_SHELL,
            Rule::Daemon => rules::DAEMON,
            Rule::Descendants => rules::DESCENDANTS,
            Rule::EmptyCpus => rules::EMPTY_CPUS,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The place of a refused value, and its mistake.
#[derive(Clone)]
pub(crate) struct Refusal {
    place: RefusedAt,
    fault: Fault,
}

#[derive(Clone)]
enum RefusedAt {
    Argument(usize),
    Variable(Vec<u8>),
    Key(&'static str),
}

#[derive(Clone)]
pub(crate) enum Fault {
    Nul,
    InjectedOption {
        text: Vec<u8>,
        /// The `--` before it belongs to another program.
        behind_dashes: bool,
    },
    Program(program::ProgramFault),
    Script {
        kind: command_line::Kind,
        reader: Vec<u8>,
    },
    RelativePath,
    EmptyName,
    EqualsInName,
    NoEquals,
    Umask(u32),
    EmptyUser,
    NoCpus,
    OfDaemon,
    Descendants(Unwatched),
    NoShell,
    StreamNumber(i32),
    NumberTwice(i32),
}

/// A program whose end this process does not see.
#[derive(Clone, Copy)]
pub(crate) enum Unwatched {
    Daemon,
    /// It replaces this process.
    Replacement,
}

impl Refusal {
    pub(crate) fn argument(index: usize, fault: Fault) -> Refusal {
        Refusal { place: RefusedAt::Argument(index), fault }
    }

    pub(crate) fn variable(name: &[u8], fault: Fault) -> Refusal {
        Refusal { place: RefusedAt::Variable(name.to_vec()), fault }
    }

    pub(crate) fn key(key: &'static str, fault: Fault) -> Refusal {
        Refusal { place: RefusedAt::Key(key), fault }
    }

    /// The same refusal, in a list that begins with `by` other arguments.
    pub(crate) fn shifted(self, by: usize) -> Refusal {
        match self.place {
            RefusedAt::Argument(index) => Refusal { place: RefusedAt::Argument(index + by), ..self },
            _ => self,
        }
    }

    /// The same refusal for a secret value, without its text.
    pub(crate) fn hidden(mut self) -> Refusal {
        if let Fault::InjectedOption { text, .. } | Fault::Script { reader: text, .. } = &mut self.fault {
            *text = HIDDEN.into();
        }
        self
    }

    pub(crate) fn rule(&self) -> Rule {
        match self.fault {
            Fault::Nul => Rule::Nul,
            Fault::InjectedOption { .. } => Rule::OptionInjection,
            Fault::Program(fault) => program_rule(fault),
            Fault::Script { kind: command_line::Kind::Shell, .. } => Rule::ShellScript,
            Fault::Script { kind: command_line::Kind::Interpreter, .. } => Rule::ComputedScript,
            Fault::RelativePath => Rule::RelativePath,
            Fault::EmptyName | Fault::EqualsInName | Fault::NoEquals => Rule::VariableName,
            Fault::Umask(_) => Rule::Umask,
            Fault::EmptyUser => Rule::UserName,
            Fault::NoCpus => Rule::EmptyCpus,
            Fault::OfDaemon => Rule::Daemon,
            Fault::Descendants(_) => Rule::Descendants,
            Fault::NoShell => Rule::ScriptOfNoShell,
            Fault::StreamNumber(_) | Fault::NumberTwice(_) => Rule::DescriptorNumber,
        }
    }

    pub(crate) fn argument_index(&self) -> Option<usize> {
        match self.place {
            RefusedAt::Argument(index) => Some(index),
            _ => None,
        }
    }

    /// One line with the place, the mistake and the correction. Secrets are hidden before a text is abridged, since a
    /// part of a secret would not be recognised.
    pub(crate) fn reason(&self, secrets: &Secrets) -> String {
        let abridged = |text: &[u8]| abridged(&secrets.hide_in_words(text));
        let place = match &self.place {
            RefusedAt::Argument(index) => format!("argument {index}"),
            RefusedAt::Variable(name) if name.is_empty() => "a variable of its environment".to_owned(),
            RefusedAt::Variable(name) => {
                format!("variable `{}`", String::from_utf8_lossy(&secrets.hide_in_words(name)))
            }
            RefusedAt::Key(key) => format!("`{key}`"),
        };
        match &self.fault {
            Fault::Nul => format!("{place} contains a NUL byte, which no program can receive"),
            Fault::InjectedOption { text, behind_dashes } => {
                let dashes = match behind_dashes {
                    true => "a literal `\"--\"` of its own program (the one before it is another's)",
                    false => "a literal `\"--\"`",
                };
                format!(
                    "{place} is computed and begins with `-`: `{}` could be taken for an option; pass it after \
                     {dashes}, as the value of an option (`(\"--option\", value)`, `\"--option\" = value`), or as \
                     `verbatim(value)`",
                    abridged(text)
                )
            }
            Fault::Program(fault) => program_reason(*fault),
            Fault::Script { kind, reader } => {
                let what = match kind {
                    command_line::Kind::Shell => "a script for the shell",
                    command_line::Kind::Interpreter => "a computed script for the interpreter",
                };
                format!(
                    "{place} is {what} `{}`: run the program itself, declare `shell_script`, or pass \
                     `verbatim(script)`",
                    abridged(reader)
                )
            }
            Fault::RelativePath => format!("{place} is not an absolute path"),
            Fault::EmptyName => "a variable of its environment has an empty name".to_owned(),
            Fault::EqualsInName => format!("the name of {place} contains `=`"),
            Fault::NoEquals => format!("{place} has no `=`: write `NAME=value`"),
            Fault::StreamNumber(number) => {
                format!(
                    "{place} would give the child descriptor {number}, which is a stream: declare `stdin`, `stdout` or \
                     `stderr`"
                )
            }
            Fault::NumberTwice(number) => format!("{place} would give the child descriptor {number} twice"),
            Fault::NoShell => format!("{place} is given to a program that is not a shell"),
            Fault::OfDaemon => {
                format!("a daemon has no {place}: remove it from the command to which `daemonize` is added")
            }
            Fault::Descendants(Unwatched::Daemon) => {
                format!("a daemon has no {place} to kill: no process is left to kill them when it ends; leave it out")
            }
            Fault::Descendants(Unwatched::Replacement) => format!(
                "{place} cannot be killed by a process that the program replaces: leave it out, or `run` the command"
            ),
            Fault::NoCpus => format!("{place} is an empty list"),
            Fault::EmptyUser => format!("{place} is an empty name"),
            Fault::Umask(mask) => format!("{place} is 0o{mask:o}, with bits beyond 0o777"),
        }
    }
}

fn program_rule(fault: program::ProgramFault) -> Rule {
    match fault {
        program::ProgramFault::Empty => Rule::EmptyProgram,
        program::ProgramFault::Relative => Rule::RelativeProgram,
        program::ProgramFault::CommandLine => Rule::ProgramWithArguments,
        program::ProgramFault::Assignment => Rule::AssignmentAsProgram,
        program::ProgramFault::Builtin | program::ProgramFault::Keyword => Rule::ShellBuiltin,
        program::ProgramFault::Tilde | program::ProgramFault::Variable | program::ProgramFault::ShellCharacter(_) => {
            Rule::ShellSyntaxInProgram
        }
    }
}

fn program_reason(fault: program::ProgramFault) -> String {
    match fault {
        program::ProgramFault::Empty => "its name is empty: give a path or a name".to_owned(),
        program::ProgramFault::Relative => {
            "it is a relative path: give an absolute one, or a bare name, which is looked up in `PATH`".to_owned()
        }
        program::ProgramFault::CommandLine => {
            "it is a command line, and no program has that name: give the program alone and its arguments in `args`, \
             or the name of a file as `verbatim(path)`"
                .to_owned()
        }
        program::ProgramFault::Assignment => {
            "it sets a variable in a shell, and no program has that name: give the program, and declare \
             `env`"
                .to_owned()
        }
        program::ProgramFault::Builtin => "it is a shell builtin, not a program".to_owned(),
        program::ProgramFault::Keyword => "it is a shell keyword, not a program".to_owned(),
        program::ProgramFault::Tilde | program::ProgramFault::Variable => {
            "no shell expands it: give the path itself, or the name of a file as `verbatim(path)`".to_owned()
        }
        program::ProgramFault::ShellCharacter(byte) => {
            let byte = byte as char;
            format!("`{byte}` is shell syntax: give the path itself, or the name of a file as `verbatim(path)`")
        }
    }
}

/// The beginning of a text, enough to recognise it.
fn abridged(text: &[u8]) -> String {
    const SHOWN: usize = 40;
    let text = String::from_utf8_lossy(text);
    match text.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.into_owned(),
    }
}
