//! Rules for `shell_script`, the only key that gives a shell a script.

use super::value;
use crate::language::command_line::shells::{TAKES_ARGUMENTS, name_of_shell};
use crate::report::Report;
use crate::rules;
use crate::suggest;
use crate::syntax::value::{Source, Value};
use crate::syntax::{Declaration, Program, Setting};
use syn::Ident;

pub(super) fn shell_script(declaration: &Declaration, report: &mut Report) {
    let script = declaration.entries.iter().find_map(|entry| match &entry.setting {
        Setting::ShellScript(script) => Some((entry, script)),
        _ => None,
    });
    let Some((entry, script)) = script else { return };
    computed_script(script, report);
    let Program::Path(program) = &declaration.program else { return };
    if program.literal().is_some_and(|path| name_of_shell(path).is_none()) {
        script_of_no_shell(&entry.key, report);
    }
}

fn script_of_no_shell(key: &Ident, report: &mut Report) {
    report.refuse(
        &rules::SCRIPT_OF_NO_SHELL,
        key,
        "`shell_script` of a program that is not a shell",
        [format!("the program must be {}", suggest::list(TAKES_ARGUMENTS)).as_str()],
    );
}

/// The script must be spelled in the source. Computed values go to `args`, which the script reads as `$1` and so on.
fn computed_script(script: &Value, report: &mut Report) {
    value::nul(script, "the script", report);
    let spelled = matches!(script.source, Source::Literal(_) | Source::Constant) || script.marks.verbatim;
    if !spelled {
        let help = "write the script as a literal and pass computed values in `args`, as `\"$1\"` and so on; or \
                    `verbatim(script)`";
        report.refuse(&rules::COMPUTED_SCRIPT, &script.expr, "computed shell script", [help]);
    }
}
