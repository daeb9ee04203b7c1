//! The items of `args`: words, pairs, options with their value, spreads and branches.

use super::expr::ungroup;
use super::recover;
use super::spread::Spread;
use super::value::Value;
use crate::report::{Report, with_help};
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::ParseStream;
use syn::{Block, Error, Expr, Pat, RangeLimits, Result, Stmt, bracketed, token};

pub(crate) enum Item {
    /// One argument, or none for `None`.
    Word(Value),
    /// `"--key" = value`: one argument.
    Pair {
        key: Value,
        value: Value,
    },
    /// `("--key", value)`: two arguments.
    OptionWithValue {
        option: Value,
        value: Value,
    },
    /// `..list`: each item one argument.
    Spread(Spread),
    If {
        condition: Expr,
        then: Body,
        otherwise: Option<Body>,
    },
    Match {
        on: Expr,
        arms: Vec<(Pat, Body)>,
    },
    For {
        pattern: Pat,
        over: Expr,
        body: Body,
    },
}

impl Item {
    /// Calls `f` with every value in it and in its branches.
    pub(crate) fn each_value(&self, f: &mut impl FnMut(&Value)) {
        match self {
            Item::Word(value) => f(value),
            Item::Pair { key: first, value: second } | Item::OptionWithValue { option: first, value: second } => {
                f(first);
                f(second);
            }
            Item::Spread(_) => {}
            Item::If { then, otherwise, .. } => {
                then.each_value(f);
                otherwise.iter().for_each(|otherwise| otherwise.each_value(f));
            }
            Item::Match { arms, .. } => arms.iter().for_each(|(_, arm)| arm.each_value(f)),
            Item::For { body, .. } => body.each_value(f),
        }
    }
}

impl Body {
    fn each_value(&self, f: &mut impl FnMut(&Value)) {
        self.items.iter().for_each(|item| item.each_value(f));
    }
}

/// The body of a branch: statements of the user, then items.
pub(crate) struct Body {
    pub(crate) statements: Vec<Stmt>,
    pub(crate) items: Vec<Item>,
}

/// The value of `args`: a list in brackets.
pub(super) fn list(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Item>> {
    if !input.peek(token::Bracket) {
        let expr: TokenStream = input.parse::<Expr>()?.into_token_stream();
        return Err(Error::new_spanned(
            &expr,
            with_help(
                "`args` takes a list in brackets",
                "for one argument, write `args: [x]`; for each item of a list, `args: [..x]`",
            ),
        ));
    }
    let content;
    bracketed!(content in input);
    items(&content, report)
}

pub(super) fn items(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Item>> {
    let mut items = Vec::new();
    recover::each(input, report, |input, report| {
        item(input.parse()?, &mut items, report);
        Ok(())
    })?;
    Ok(items)
}

/// Reads one item and reports each of its mistakes.
fn item(expr: Expr, items: &mut Vec<Item>, report: &mut Report) {
    match read(expr, report) {
        Ok(item) => items.push(item),
        Err(error) => report.push(error),
    }
}

fn read(expr: Expr, report: &mut Report) -> Result<Item> {
    Ok(match ungroup(expr) {
        Expr::Assign(pair) => Item::Pair { key: pair_key(*pair.left)?, value: Value::from_expr(*pair.right)? },
        Expr::Tuple(tuple) => {
            let shown = tuple.to_token_stream();
            let mut parts = tuple.elems.into_iter();
            match (parts.next(), parts.next(), parts.next()) {
                (Some(option), Some(value), None) => {
                    Item::OptionWithValue { option: Value::from_expr(option)?, value: Value::from_expr(value)? }
                }
                _ => {
                    return Err(Error::new_spanned(
                        shown,
                        with_help("expected an option and its value in parentheses", "write `(\"--option\", value)`"),
                    ));
                }
            }
        }
        Expr::Range(range) => match (range.start, range.limits, range.end) {
            (None, RangeLimits::HalfOpen(_), Some(list)) => Item::Spread(Spread::from_expr(*list)?),
            (start, limits, end) => {
                return Err(Error::new_spanned(quote!(#start #limits #end), "invalid spread: expected `..list`"));
            }
        },
        Expr::If(branch) => Item::If {
            condition: *branch.cond,
            then: block(branch.then_branch, report),
            otherwise: branch.else_branch.map(|(_, otherwise)| body(*otherwise, report)),
        },
        Expr::Match(branch) => Item::Match {
            on: *branch.expr,
            arms: branch.arms.into_iter().map(|arm| (arm.pat, body(*arm.body, report))).collect(),
        },
        Expr::ForLoop(branch) => {
            Item::For { pattern: *branch.pat, over: *branch.expr, body: block(branch.body, report) }
        }
        unsupported @ (Expr::While(_) | Expr::Loop(_)) => {
            return Err(Error::new_spanned(unsupported, "`for` is the only loop that `args` accepts"));
        }
        list @ Expr::Array(_) => {
            return Err(Error::new_spanned(
                list,
                with_help("unexpected list inside `args`", "remove its brackets, or spread it with `..` before it"),
            ));
        }
        word => Item::Word(Value::from_expr(word)?),
    })
}

/// Reads the key of a pair, which must be a literal or a constant.
fn pair_key(expr: Expr) -> Result<Value> {
    let key = Value::from_expr(expr)?;
    if key.is_guarded() || key.marks.secret {
        return Err(Error::new_spanned(
            &key.expr,
            with_help(
                "expected a literal or an upper-case constant before `=`",
                "write `\"--option\" = value`, or `format!(\"{option}={value}\")` for a computed option",
            ),
        ));
    }
    Ok(key)
}

/// One item, a list of items in brackets, or a block of either.
fn body(expr: Expr, report: &mut Report) -> Body {
    match ungroup(expr) {
        Expr::Block(inner) if inner.label.is_none() => block(inner.block, report),
        Expr::Array(list) => {
            let mut items = Vec::new();
            list.elems.into_iter().for_each(|element| item(element, &mut items, report));
            Body { statements: Vec::new(), items }
        }
        Expr::Tuple(nothing) if nothing.elems.is_empty() => Body { statements: Vec::new(), items: Vec::new() },
        one => {
            let mut items = Vec::new();
            item(one, &mut items, report);
            Body { statements: Vec::new(), items }
        }
    }
}

fn block(block: Block, report: &mut Report) -> Body {
    let mut statements = block.stmts;
    let last = match statements.pop() {
        Some(Stmt::Expr(last, None)) => last,
        Some(Stmt::Macro(last)) if last.semi_token.is_none() => {
            Expr::Macro(syn::ExprMacro { attrs: last.attrs, mac: last.mac })
        }
        other => {
            statements.extend(other);
            return Body { statements, items: Vec::new() };
        }
    };
    // Items without brackets, as in `{ "a"; "b" }`: the literal would be a statement without effect.
    if let Some(Stmt::Expr(Expr::Lit(stray), _)) = statements.first() {
        report.error_with_help(
            stray,
            "this argument is discarded",
            "put several items of a branch in brackets: `[\"a\", \"b\"]`",
        );
    }
    let mut body = body(last, report);
    statements.append(&mut body.statements);
    Body { statements, items: body.items }
}
