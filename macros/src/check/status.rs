//! Rules for `status`.

use crate::report::Report;
use crate::syntax::status::{Accepted, Status};
use syn::{Expr, ExprLit, Lit};

/// An exit code has eight bits.
pub(super) fn status(status: &Status, report: &mut Report) {
    let Accepted::Codes(codes) = &status.what else { return };
    for code in codes {
        let fits = match code {
            Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u8>().is_ok(),
            Expr::Lit(_) | Expr::Unary(_) => false,
            _ => true,
        };
        if !fits {
            report.error(code, "an exit code is a number from 0 to 255");
        }
    }
}
