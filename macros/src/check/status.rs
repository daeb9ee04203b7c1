//! Rules for `status`.

use crate::report::Report;
use crate::rules;
use crate::syntax::status::{Accepted, Status};
use syn::{Expr, ExprLit, Lit};

pub(super) fn exit_code(status: &Status, report: &mut Report) {
    let Accepted::Codes(codes) = &status.what else { return };
    for code in codes.iter().filter(|code| !can_be_exit_code(code)) {
        report.refuse(&rules::EXIT_CODE, code, "an exit code is a number from 0 to 255", []);
    }
}

/// An exit code has eight bits.
pub(crate) fn can_be_exit_code(code: &Expr) -> bool {
    match code {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u8>().is_ok(),
        Expr::Lit(_) | Expr::Unary(_) => false,
        _ => true,
    }
}
