//! Helpers for expressions, used by several parts of the grammar.

use quote::ToTokens;
use syn::{Error, Expr, Result};

/// Whether `expr` is a path whose last segment is upper-case.
pub(crate) fn is_constant(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path
            .path
            .segments
            .last()
            .is_some_and(|last| last.arguments.is_none() && is_upper_case(&last.ident.to_string())),
        _ => false,
    }
}

fn is_upper_case(name: &str) -> bool {
    name.contains(|c: char| c.is_ascii_uppercase()) && !name.contains(|c: char| c.is_lowercase())
}

/// An expression without the invisible groups and the parentheses around it.
pub(crate) fn ungroup(expr: Expr) -> Expr {
    match expr {
        Expr::Group(group) => ungroup(*group.expr),
        Expr::Paren(paren) => ungroup(*paren.expr),
        other => other,
    }
}

/// Whether `expr` is the call `word(…)`.
pub(crate) fn is_call(expr: &Expr, word: &str) -> bool {
    match expr {
        Expr::Call(call) => matches!(&*call.func, Expr::Path(path) if path.path.is_ident(word)),
        _ => false,
    }
}

/// The one argument of `word(argument)`.
pub(crate) fn only_argument(call: Expr, word: &str) -> Result<Expr> {
    let shown = call.to_token_stream();
    if let Expr::Call(call) = call {
        let mut arguments = call.args.into_iter();
        if let (Some(argument), None) = (arguments.next(), arguments.next()) {
            return Ok(argument);
        }
    }
    Err(Error::new_spanned(shown, format!("`{word}(…)` takes exactly one operand")))
}
