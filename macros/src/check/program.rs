//! Rules for the program, and for a program that a wrapper (`sudo`, `env`) starts.

use super::finding::Finding;
use super::value;
use super::wording::Wording;
use crate::language::command_line::HOLE;
use crate::language::command_line::program::{ProgramFault, fault, fault_of_verbatim};
use crate::report::Report;
use crate::rules::{self, Rule};
use crate::syntax::value::Value;

pub(super) fn program(path: &Value, report: &mut Report) {
    value::nul(path, "the program", report);
    value::no_secret(path, "the program", report);
    let text = path.text();
    if path.literal().is_some() && text.contains(&HOLE) {
        return;
    }
    let fault = if path.marks.verbatim { fault_of_verbatim(text) } else { fault(text) };
    match fault {
        None => {}
        Some(ProgramFault::Empty) => empty_program(path, report),
        Some(ProgramFault::Relative) => relative_program(path, report),
        Some(fault) => {
            let name = Name { program: text, wording: Wording::new(path.holes()), is_inner: false };
            if let Some((rule, finding)) = name.finding(fault) {
                report.refuse(rule, &path.expr, finding.message, [finding.help.as_str()]);
            }
        }
    }
}

/// The finding about a program that a wrapper starts. Its path may be relative.
pub(super) fn inner_program(program: &[u8], wording: Wording<'_>) -> Option<(&'static Rule, Finding)> {
    Name { program, wording, is_inner: true }.finding(fault(program)?)
}

fn empty_program(path: &Value, report: &mut Report) {
    report.refuse(
        &rules::EMPTY_PROGRAM,
        &path.expr,
        "the program is empty",
        ["write its path or name, as in `\"/usr/bin/dnsmasq\"`"],
    );
}

fn relative_program(path: &Value, report: &mut Report) {
    report.refuse(
        &rules::RELATIVE_PROGRAM,
        &path.expr,
        "the program is a relative path",
        ["write an absolute path, or a bare name, which is looked up in `PATH`"],
    );
}

/// A program whose name looks like shell syntax.
struct Name<'a> {
    program: &'a [u8],
    wording: Wording<'a>,
    is_inner: bool,
}

impl Name<'_> {
    fn finding(&self, fault: ProgramFault) -> Option<(&'static Rule, Finding)> {
        Some(match fault {
            ProgramFault::Empty | ProgramFault::Relative => return None,
            ProgramFault::CommandLine => (&rules::PROGRAM_WITH_ARGUMENTS, self.program_with_arguments()),
            ProgramFault::Assignment => (&rules::ASSIGNMENT_AS_PROGRAM, self.assignment_as_program()),
            ProgramFault::Builtin => (&rules::SHELL_BUILTIN, self.shell_builtin("builtin")),
            ProgramFault::Keyword => (&rules::SHELL_BUILTIN, self.shell_builtin("keyword")),
            ProgramFault::Tilde | ProgramFault::Variable | ProgramFault::ShellCharacter(_) => {
                (&rules::SHELL_SYNTAX_IN_PROGRAM, self.shell_syntax_in_program(fault))
            }
        })
    }

    fn shown(&self) -> String {
        self.wording.shown(self.program)
    }

    fn verbatim(&self) -> String {
        format!("for a file with that name, `verbatim({})`", self.wording.source(self.program))
    }

    fn words(&self) -> impl Iterator<Item = &[u8]> {
        self.program.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
    }

    fn program_with_arguments(&self) -> Finding {
        // A shell would start several programs, or open a file.
        if self.program.iter().any(|byte| b"|&;<>".contains(byte)) {
            let script = self.wording.source(self.program);
            let help = match self.is_inner || self.program.contains(&HOLE) {
                true => {
                    "write each program and its arguments separately, and declare the streams between them".to_owned()
                }
                false => {
                    format!(
                        "run each program as its own command and declare its streams, or run a shell: `\"sh\", \
                        shell_script: {script}`"
                    )
                }
            };
            return Finding { message: format!("`{}` is a shell script, not a program", self.shown()), help };
        }
        let mut words = self.words().map(|word| self.wording.source(word));
        let command = words.next().unwrap_or_default();
        let args = words.collect::<Vec<_>>().join(", ");
        let way = match self.is_inner {
            true => format!("{command}, {args}"),
            false => format!("{command}, args: [{args}]"),
        };
        Finding {
            message: format!("`{}` is a command line, not a program", self.shown()),
            help: format!("write `{way}`; {}", self.verbatim()),
        }
    }

    fn assignment_as_program(&self) -> Finding {
        let mut words = self.words();
        let assignment = words.next().unwrap_or_default();
        let (name, value) = assignment.split_at(assignment.iter().position(|byte| *byte == b'=').unwrap_or_default());
        let (name, value) = (self.wording.shown(name), self.wording.source(value.get(1..).unwrap_or_default()));
        let command = match words.next() {
            Some(program) => format!("write `{}`", self.wording.source(program)),
            None => "name the program first".to_owned(),
        };
        Finding {
            message: format!("`{}` is a shell assignment, not a program", self.shown()),
            help: format!("{command}, and declare `env: inherit + {{ {name} = {value} }}`"),
        }
    }

    fn shell_syntax_in_program(&self, fault: ProgramFault) -> Finding {
        let (message, way) = match fault {
            ProgramFault::Tilde => (
                "`~` is not expanded: no shell interprets this".to_owned(),
                "write an absolute path, or join it to `std::env::home_dir()`",
            ),
            ProgramFault::ShellCharacter(byte) => (
                format!("`{}` is shell syntax, and no shell interprets this", byte as char),
                "write the path or the name of one program",
            ),
            _ => (
                format!("`{}` is not expanded: no shell interprets this", self.shown()),
                "write the program's path, or read the variable with `std::env::var_os(…)`",
            ),
        };
        Finding { message, help: format!("{way}; {}", self.verbatim()) }
    }

    fn shell_builtin(&self, word: &str) -> Finding {
        let help = match self.program {
            b"cd" => "declare `cwd: path` for the command that needs it",
            b"export" | b"set" | b"unset" => "declare `env` for the command that needs it",
            b"umask" | b"ulimit" => "declare `umask` or `limits` for the command that needs it",
            b"exec" => "call `.exec()` on the command",
            _ => "run it in a shell, with the commands that depend on it: `\"sh\", shell_script: \"…\"`",
        };
        Finding { message: format!("`{}` is a shell {word}, not a program", self.shown()), help: help.to_owned() }
    }
}
