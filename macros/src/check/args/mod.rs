//! The rules for `args`. Each rule is a function that returns a finding about one argument.

mod argv;
mod files;
pub(super) mod marks;
mod options;
mod programs;
mod scripts;
mod shell_syntax;
mod subject;

use crate::check::finding::Finding;
use crate::check::wording::Wording;
use crate::language::command_line::dashes::behind_dashes;
use crate::language::command_line::invocation::{Certainty, Invocation};
use crate::language::command_line::{self, HOLE, Word, invocations};
use crate::report::Report;
use crate::rules::{self, Rule};
use crate::syntax::args::Item;
use crate::syntax::value::Value;
use argv::Argv;
use scripts::Found;
use subject::{Reader, Subject};

type Check = fn(&Subject<'_>) -> Option<Finding>;

/// In order of precedence: only the first rule that applies to an argument is reported.
const CHECKS: &[(&Rule, Check)] = &[
    (&rules::TYPOGRAPHIC_CHARACTER, options::typographic_character),
    (&rules::DETACHED_DASH, options::detached_dash),
    (&rules::FLAG_WITH_VALUE, options::flag_with_value),
    (&rules::SUBCOMMAND_WITH_ARGUMENTS, options::subcommand_with_arguments),
    (&rules::QUOTED_ARGUMENT, shell_syntax::quoted_argument),
    (&rules::SHELL_OPERATOR, shell_syntax::shell_operator),
    (&rules::TILDE, shell_syntax::tilde),
    (&rules::SHELL_VARIABLE, shell_syntax::shell_variable),
    (&rules::ESCAPED_BLANK, shell_syntax::escaped_blank),
    (&rules::GLOB, files::glob),
];

/// Examines each argument vector that `items` can produce for `program`.
pub(super) fn examine<'a>(
    program: Option<&Value>,
    is_script_declared: bool,
    items: impl IntoIterator<Item = &'a Item>,
    report: &mut Report,
) {
    let argv = &Argv::of(items);
    let name = program.map_or(&[HOLE][..], Value::text);
    let (mut reported, mut findings) = (Vec::new(), Vec::new());
    for path in &argv.paths {
        let words: Vec<Word<'_>> = path.iter().map(|index| argv.arguments[*index].word()).collect();
        let invocations = invocations(name, &words);
        if !is_script_declared && let Some(script) = command_line::script(&invocations, &words) {
            let place = script.script.or(script.option).or(script.program).map(|at| path[at]);
            if let Some(place) = place.filter(|place| !reported.contains(place)) {
                reported.push(place);
                let (rule, finding) = Found::new(program, &script, argv, path, place).finding();
                findings.push((place, rule, finding));
                // The arguments from the option on belong to the script: no other rule examines them.
                reported.extend(&path[script.option.unwrap_or_default()..]);
            }
        }
        let behind_dashes = behind_dashes(&invocations, &words);
        let readers: Vec<Reader<'_>> = invocations.iter().map(Reader::of).collect();
        for (position, place) in path.iter().enumerate() {
            let argument = &argv.arguments[*place];
            if reported.contains(place) || !argument.is_examined() {
                continue;
            }
            let subject = Subject::new(&words, position, argument, &readers, behind_dashes[position]);
            let Some(subject) = subject else { continue };
            let found = CHECKS.iter().find_map(|(rule, check)| Some((*rule, check(&subject)?)));
            let found = found.or_else(|| inner_program(&invocations, position, subject.wording));
            if let Some((rule, finding)) = found {
                reported.push(*place);
                findings.push((*place, rule, finding));
            }
        }
    }
    // In the order of the source, not of the paths through the branches.
    findings.sort_by_key(|(place, ..)| *place);
    for (place, rule, finding) in findings {
        report.refuse(rule, argv.arguments[place].shown, finding.message, [finding.help.as_str()]);
    }
}

/// The finding about the name of a program that a wrapper starts at `position`.
fn inner_program(
    invocations: &[Invocation<'_>],
    position: usize,
    wording: Wording<'_>,
) -> Option<(&'static Rule, Finding)> {
    let inner =
        invocations.iter().find(|inner| inner.index == Some(position) && inner.certainty == Certainty::Known)?;
    crate::check::program::inner_program(inner.program, wording)
}
