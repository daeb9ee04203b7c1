//! What stands behind `..`: a list, and how the declaration asks for its items to be treated.

use super::value::{is_call, only_argument, ungroup};
use syn::{Expr, Result};

pub(crate) struct Spread {
    pub(crate) list: Expr,
    pub(crate) secret: bool,
    pub(crate) verbatim: bool,
}

impl Spread {
    pub(super) fn from_expr(list: Expr) -> Result<Spread> {
        let list = ungroup(list);
        for (word, is_secret) in [("secret", true), ("verbatim", false)] {
            if is_call(&list, word) {
                let mut spread = Spread::from_expr(only_argument(list, word)?)?;
                spread.secret |= is_secret;
                spread.verbatim |= !is_secret;
                return Ok(spread);
            }
        }
        Ok(Spread { list, secret: false, verbatim: false })
    }
}
