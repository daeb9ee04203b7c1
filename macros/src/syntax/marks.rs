//! `secret(…)` and `verbatim(…)` around a value or a list.

use super::expr::{is_call, only_argument, ungroup};
use syn::{Expr, Result};

/// The marks of a value.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) secret: bool,
    pub(crate) verbatim: bool,
}

impl Marks {
    /// The expression inside its marks, in any order.
    pub(super) fn strip(expr: Expr) -> Result<(Expr, Marks)> {
        let (mut expr, mut marks) = (ungroup(expr), Marks::default());
        loop {
            let (word, mark) = if is_call(&expr, "secret") {
                ("secret", &mut marks.secret)
            } else if is_call(&expr, "verbatim") {
                ("verbatim", &mut marks.verbatim)
            } else {
                return Ok((expr, marks));
            };
            *mark = true;
            expr = ungroup(only_argument(expr, word)?);
        }
    }
}
