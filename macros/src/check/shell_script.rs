//! Rules for `shell_script`, the one way to give a shell a script.

use super::value;
use crate::language::SHELLS;
use crate::report::Report;
use crate::suggest;
use crate::syntax::value::{Source, Value};
use crate::syntax::{Declaration, Program, Setting};

pub(super) fn shell_script(declaration: &Declaration, report: &mut Report) {
    let script = declaration.entries.iter().find_map(|entry| match &entry.setting {
        Setting::ShellScript(script) => Some((entry, script)),
        _ => None,
    });
    let Some((entry, script)) = script else { return };
    text(script, report);
    let Program::Path(program) = &declaration.program else { return };
    let Some(path) = program.literal() else { return };
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
    if !SHELLS.iter().any(|shell| shell.as_bytes() == name) {
        report.error_with_help(
            &entry.key,
            "`shell_script` of a program that is no shell",
            format!("name one of {} first", suggest::list(SHELLS)),
        );
    }
}

/// What a shell executes is spelled in the source: what is computed goes into `args`, as `$1` and so on.
fn text(script: &Value, report: &mut Report) {
    value::no_nul(script, "the script", report);
    let spelled = matches!(script.source, Source::Literal(_) | Source::Constant) || script.marks.verbatim;
    if !spelled {
        report.error_with_help(
            &script.expr,
            "a computed script",
            "write the script as a literal and what is computed in `args`, where it is `\"$1\"` and so on; or `verbatim(script)`",
        );
    }
}
