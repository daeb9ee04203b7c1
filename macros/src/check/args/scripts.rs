//! Scripts among the arguments, which a shell or an interpreter would execute.

use super::argv::Argv;
use crate::check::finding::Finding;
use crate::check::wording::Wording;
use crate::language::command_line::{self, Kind, Script, shells};
use crate::rules::{self, Rule};
use crate::syntax::value::Value;

/// A script found among the arguments of `path`, at `place`.
pub(super) struct Found<'a> {
    wording: Wording<'a>,
    /// The text of the argument at `place`.
    text: &'a [u8],
    is_computed: bool,
    /// The program that executes it, and the option before it.
    reader: String,
    /// The declared program itself is a shell that supports `shell_script`.
    is_direct: bool,
    script: &'a Script,
}

impl<'a> Found<'a> {
    pub(super) fn new(
        program: Option<&Value>,
        script: &'a Script,
        argv: &'a Argv<'_>,
        path: &[usize],
        place: usize,
    ) -> Found<'a> {
        let argument = &argv.arguments[place];
        let wording = Wording::new(argument.holes);
        let name = match script.program {
            Some(index) => argv.arguments[path[index]].text.as_slice(),
            None => program.map_or(&[][..], Value::text),
        };
        let name = command_line::program_name(name);
        let option = script.option.map(|option| argv.arguments[path[option]].text.as_slice()).unwrap_or_default();
        let option = option.split(|byte| *byte == b'=').next().unwrap_or_default();
        let reader = format!("{} {}", wording.shown(name), wording.shown(option)).trim_end().to_owned();
        Found {
            wording,
            text: &argument.text,
            is_computed: argument.word().is_computed,
            reader,
            is_direct: script.program.is_none() && shells::name_of_shell(name).is_some(),
            script,
        }
    }

    pub(super) fn finding(&self) -> (&'static Rule, Finding) {
        match self.script.kind {
            Kind::Shell => (&rules::SHELL_SCRIPT, self.shell_script()),
            Kind::Interpreter => (&rules::COMPUTED_SCRIPT, self.computed_script()),
        }
    }

    fn shell_script(&self) -> Finding {
        // A longer literal would make the line hard to read.
        let literal = match self.script.script.is_some() && self.text.len() <= 60 {
            true => self.wording.source(self.text),
            false => "\"…\"".to_owned(),
        };
        let help = match (self.is_direct, self.is_computed) {
            (true, false) => &format!(
                "run the program itself, or declare the script: `shell_script: {literal}`, with its arguments in `args`"
            ),
            (true, true) => {
                "run the program itself, or declare a literal script, `shell_script: \"… \\\"$1\\\"\"`, with \
                 computed values in `args`"
            }
            (false, _) => {
                "run the program itself; or mark a script that you wrote, `verbatim(script)`, and pass computed values \
                 in the arguments after it"
            }
        };
        Finding { message: format!("shell script passed to `{}`", self.reader), help: help.to_owned() }
    }

    fn computed_script(&self) -> Finding {
        Finding {
            message: format!("computed script passed to `{}`", self.reader),
            help: "write the script as a literal that reads computed values from its arguments; or \
                   `verbatim(script)`"
                .to_owned(),
        }
    }
}
