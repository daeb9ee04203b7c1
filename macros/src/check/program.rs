//! Rules for the program.

use super::value;
use crate::report::Report;
use crate::syntax::value::Value;

pub(super) fn path(path: &Value, report: &mut Report) {
    value::no_nul(path, "the program", report);
    value::unmarked(path, "the program", report);
    let Some(bytes) = path.literal() else { return };
    if bytes.is_empty() {
        report.error_with_help(
            &path.expr,
            "the program is empty",
            "write its path or name, as in `\"/usr/bin/dnsmasq\"`",
        );
    } else if bytes[0] != b'/' && bytes.contains(&b'/') {
        report.error_with_help(
            &path.expr,
            "the program is a relative path",
            "write an absolute path, or a bare name, which is looked up in `PATH`",
        );
    }
}
