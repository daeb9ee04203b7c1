//! The passed descriptors: `fds: [&kept, moved, 5 = &at_five, name = data(bytes), ..list]`.

use super::expr::{is_call, is_constant, only_argument, ungroup};
use super::recover;
use crate::report::{Report, with_help};
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprLit, Ident, Lit, Member, RangeLimits, Result, bracketed, token};

pub(crate) enum Passed {
    One {
        /// Its name in `fd(name)`.
        name: Option<Ident>,
        /// Its number in the child; if absent, its number in the parent.
        number: Option<Expr>,
        fd: Expr,
    },
    /// Bytes that the program reads from a descriptor of their own.
    Data {
        name: Ident,
        bytes: Expr,
    },
    Each(Expr),
}

/// The maximum number of entries: each adds a nested call to the expansion.
const MOST: usize = 64;

impl Passed {
    pub(crate) fn name(&self) -> Option<&Ident> {
        match self {
            Passed::One { name, .. } => name.as_ref(),
            Passed::Data { name, .. } => Some(name),
            Passed::Each(_) => None,
        }
    }

    /// Its declared number.
    pub(crate) fn number(&self) -> Option<&Expr> {
        match self {
            Passed::One { number, .. } => number.as_ref(),
            Passed::Data { .. } | Passed::Each(_) => None,
        }
    }
}

pub(super) fn list(input: ParseStream<'_>, report: &mut Report) -> Result<Vec<Passed>> {
    if !input.peek(token::Bracket) {
        let expr: Expr = input.parse()?;
        return Err(Error::new_spanned(expr, with_help("`fds` takes a list", "write `fds: [&file, 5 = &other]`")));
    }
    let content;
    bracketed!(content in input);
    let mut passed = Vec::new();
    recover::each(&content, report, |input, _| {
        let expr: Expr = input.parse()?;
        if passed.len() == MOST {
            let message = format!("more than {MOST} entries in `fds`");
            return Err(Error::new_spanned(expr, with_help(message, "pass a list of descriptors: `..descriptors`")));
        }
        passed.push(entry(expr)?);
        Ok(())
    })?;
    Ok(passed)
}

fn entry(expr: Expr) -> Result<Passed> {
    match ungroup(expr) {
        Expr::Range(range) => match (range.start, range.limits, range.end) {
            (None, RangeLimits::HalfOpen(_), Some(list)) => Ok(Passed::Each(*list)),
            (start, limits, end) => {
                Err(Error::new_spanned(quote::quote!(#start #limits #end), "invalid spread: expected `..list`"))
            }
        },
        Expr::Assign(pair) if is_call(&pair.right, "data") => {
            let bytes = only_argument(*pair.right, "data")?;
            match &*pair.left {
                Expr::Path(path) if path.path.get_ident().is_some() => {
                    Ok(Passed::Data { name: path.path.require_ident()?.clone(), bytes })
                }
                other => Err(Error::new_spanned(
                    other,
                    with_help(
                        "`data(…)` needs a name, not a number",
                        "write `name = data(bytes)`, and `fd(name)` in `args`",
                    ),
                )),
            }
        }
        Expr::Assign(pair) => {
            let number = ungroup(*pair.left);
            let is_number = matches!(&number, Expr::Lit(ExprLit { lit: Lit::Int(_), .. })) || is_constant(&number);
            if !is_number {
                return Err(Error::new_spanned(
                    number,
                    with_help(
                        "expected a literal or an upper-case constant as the descriptor's number",
                        "write `5 = &file`",
                    ),
                ));
            }
            let fd = ungroup(*pair.right);
            Ok(Passed::One { name: name_of(&fd), number: Some(number), fd })
        }
        fd => Ok(Passed::One { name: name_of(&fd), number: None, fd }),
    }
}

/// The name of a variable or a field, borrowed or not.
fn name_of(fd: &Expr) -> Option<Ident> {
    match fd {
        Expr::Reference(reference) => name_of(&reference.expr),
        Expr::Path(path) => path.path.get_ident().cloned(),
        Expr::Field(field) => match &field.member {
            Member::Named(name) => Some(name.clone()),
            Member::Unnamed(_) => None,
        },
        _ => None,
    }
}
