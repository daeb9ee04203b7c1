//! Finds the literals and constants that an expression may evaluate to: `"--x"` in `quiet.then_some("--x")` and in
//! `name.unwrap_or("--x")`, and the items of `["-x", "-y"]`.

use super::expr::is_constant;
use syn::{Block, Expr, ExprClosure, Lit, Stmt};

/// The literals and constants that `expr` may evaluate to. It may also evaluate to other values.
pub(crate) fn texts(expr: &Expr) -> Vec<&Expr> {
    let mut found = Vec::new();
    value(expr, &mut found);
    found
}

/// Whether the list is a constant, or a reference to one.
pub(crate) fn is_constant_list(list: &Expr) -> bool {
    match list {
        Expr::Reference(reference) => is_constant_list(&reference.expr),
        Expr::Paren(inner) => is_constant_list(&inner.expr),
        Expr::Group(inner) => is_constant_list(&inner.expr),
        other => is_constant(other),
    }
}

fn value<'a>(expr: &'a Expr, found: &mut Vec<&'a Expr>) {
    match expr {
        Expr::Lit(literal) if matches!(literal.lit, Lit::Str(_) | Lit::CStr(_)) => found.push(expr),
        Expr::Path(_) if is_constant(expr) => found.push(expr),
        Expr::Paren(inner) => value(&inner.expr, found),
        Expr::Group(inner) => value(&inner.expr, found),
        Expr::Reference(inner) => value(&inner.expr, found),
        Expr::Block(inner) => block(&inner.block, found),
        Expr::If(branch) => {
            block(&branch.then_branch, found);
            branch.else_branch.iter().for_each(|(_, otherwise)| value(otherwise, found));
        }
        Expr::Match(branch) => branch.arms.iter().for_each(|arm| value(&arm.body, found)),
        Expr::Array(list) => list.elems.iter().for_each(|item| value(item, found)),
        Expr::Call(call) => {
            let is_some = matches!(&*call.func, Expr::Path(path) if path.path.is_ident("Some"));
            call.args.iter().filter(|_| is_some).for_each(|inner| value(inner, found));
        }
        Expr::MethodCall(call) => match (call.method.to_string().as_str(), call.args.first()) {
            ("then_some", Some(given)) => value(given, found),
            ("then", Some(Expr::Closure(given))) => closure(given, found),
            ("unwrap_or" | "or" | "map_or", Some(given)) => {
                value(&call.receiver, found);
                value(given, found);
            }
            ("unwrap_or_else" | "or_else" | "map_or_else", Some(Expr::Closure(given))) => {
                value(&call.receiver, found);
                closure(given, found);
            }
            _ => {}
        },
        _ => {}
    }
}

fn closure<'a>(closure: &'a ExprClosure, found: &mut Vec<&'a Expr>) {
    // Parameters and local variables of the closure are neither literals nor constants, so they are not found.
    value(&closure.body, found);
}

fn block<'a>(block: &'a Block, found: &mut Vec<&'a Expr>) {
    if let [Stmt::Expr(last, None)] = block.stmts.as_slice() {
        value(last, found);
    }
}
