//! Rules for `umask`.

use crate::report::Report;
use crate::rules;
use syn::{Expr, ExprLit, Lit};

/// Requires octal: decimal `22` is octal `0o26`.
pub(super) fn umask(mask: &Expr, report: &mut Report) {
    let Expr::Lit(ExprLit { lit, .. }) = mask else { return };
    let Lit::Int(number) = lit else {
        report.refuse(&rules::UMASK, lit, "expected an octal number", ["write `umask: 0o022`"]);
        return;
    };
    let spelled = number.to_string();
    if !spelled.starts_with("0o") && spelled != "0" {
        let digits = spelled.trim_start_matches('0');
        let help = match !digits.is_empty() && digits.bytes().all(|digit| matches!(digit, b'0'..=b'7')) {
            true => format!("write `0o{digits:0>3}`"),
            false => "write an octal number, as in `0o022`".to_owned(),
        };
        report.refuse(&rules::UMASK, number, "`umask` must be written in octal", [help.as_str()]);
    } else if !number.base10_parse::<u32>().is_ok_and(|bits| bits <= 0o777) {
        report.refuse(&rules::UMASK, number, "`umask` exceeds `0o777`", []);
    }
}
