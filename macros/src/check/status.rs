//! Rules for `status`.

use crate::report::Report;
use crate::rules;
use crate::syntax::status::{Accepted, Status, can_be_exit_code};

pub(super) fn exit_code(status: &Status, report: &mut Report) {
    let Accepted::Codes(codes) = &status.what else { return };
    for code in codes.iter().filter(|code| !can_be_exit_code(code)) {
        report.refuse(&rules::EXIT_CODE, code, "invalid exit code: expected 0 to 255", []);
    }
}
