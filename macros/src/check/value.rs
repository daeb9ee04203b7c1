//! Rules for any value.

use crate::report::Report;
use crate::rules;
use crate::syntax::value::Value;

/// A NUL ends a C string: the kernel would not see the rest.
pub(super) fn nul(value: &Value, what: &str, report: &mut Report) {
    if value.literal().is_some_and(|bytes| bytes.contains(&0)) {
        report.refuse(
            &rules::NUL,
            &value.expr,
            format!("{what} contains a NUL byte"),
            ["remove it: the kernel takes C strings, which end at the first NUL"],
        );
    }
}

/// Requires an absolute path, whose meaning does not depend on a current directory.
pub(super) fn relative_path(path: &Value, key: &str, report: &mut Report) {
    let name = format!("`{key}`");
    misplaced_mark(path, &name, report);
    nul(path, &name, report);
    let Some(bytes) = path.literal() else { return };
    if bytes.is_empty() {
        report.refuse(&rules::EMPTY_PATH, &path.expr, format!("`{key}` is an empty path"), []);
    } else if bytes[0] != b'/' {
        report.refuse(
            &rules::RELATIVE_PATH,
            &path.expr,
            format!("`{key}` is a relative path"),
            ["write an absolute path: a relative one depends on the directory in which this program was started"],
        );
    }
}

/// Checks a path that the parent opens; it may be relative to the current directory of the parent.
pub(super) fn empty_path(path: &Value, what: &str, report: &mut Report) {
    misplaced_mark(path, what, report);
    nul(path, what, report);
    if path.literal().is_some_and(<[u8]>::is_empty) {
        report.refuse(&rules::EMPTY_PATH, &path.expr, format!("{what} is empty"), []);
    }
}

/// `secret` and `verbatim` apply to arguments, and `secret` to variables. They have no effect elsewhere.
pub(super) fn misplaced_mark(value: &Value, what: &str, report: &mut Report) {
    no_secret(value, what, report);
    if value.marks.verbatim {
        report.refuse(
            &rules::MISPLACED_MARK,
            &value.expr,
            format!("`verbatim` has no effect on {what}"),
            ["remove `verbatim`"],
        );
    }
}

pub(super) fn no_secret(value: &Value, what: &str, report: &mut Report) {
    if value.marks.secret {
        report.refuse(
            &rules::MISPLACED_MARK,
            &value.expr,
            format!("{what} cannot be `secret`: only arguments and variables are hidden"),
            [],
        );
    }
}
