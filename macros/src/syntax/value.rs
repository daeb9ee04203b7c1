//! A value: the source of its text, and its marks.

use super::expr::{is_call, is_constant};
use super::fd_names;
use super::format::Template;
use super::marks::Marks;
use crate::language::command_line::HOLE;
use crate::report::with_help;
use proc_macro2::Span;
use quote::ToTokens;
use syn::{Error, Expr, ExprLit, ExprMacro, Ident, Lit, LitStr, Result, UnOp};

pub(crate) struct Value {
    pub(crate) source: Source,
    /// The expression, without `secret(…)` and `verbatim(…)` around it.
    pub(crate) expr: Expr,
    pub(crate) marks: Marks,
}

pub(crate) enum Source {
    /// Spelled in the declaration: the macro knows its bytes.
    Literal(Vec<u8>),
    /// An upper-case constant, `concat!`, `env!`: spelled elsewhere in the source. The expansion reads it in a `const`
    /// block, in which a variable of such a name does not compile.
    Constant,
    /// `fd(name)`: the number of a passed descriptor.
    Fd(Ident),
    /// `format!`.
    Format(Template),
    /// Any other expression.
    Computed,
}

impl Value {
    pub(crate) fn from_expr(expr: Expr) -> Result<Value> {
        let (expr, marks) = Marks::strip(expr)?;
        let source = source(&expr)?;
        Ok(Value { source, expr, marks })
    }

    /// Replaces a value that could not be read.
    pub(crate) fn placeholder() -> Value {
        let lit = Lit::Str(LitStr::new("placeholder", Span::call_site()));
        Value {
            source: Source::Literal(b"placeholder".to_vec()),
            expr: Expr::Lit(ExprLit { attrs: Vec::new(), lit }),
            marks: Marks::default(),
        }
    }

    pub(crate) fn literal(&self) -> Option<&[u8]> {
        match &self.source {
            Source::Literal(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The names in its `fd(name)`.
    pub(crate) fn descriptors(&self) -> Vec<Ident> {
        match &self.source {
            Source::Fd(name) => vec![name.clone()],
            Source::Format(_) => fd_names::names_in(self.expr.to_token_stream()),
            _ => Vec::new(),
        }
    }

    /// Its text, with a [`HOLE`] for each unknown part.
    pub(crate) fn text(&self) -> &[u8] {
        match &self.source {
            Source::Literal(text) | Source::Format(Template { text, .. }) => text,
            Source::Constant | Source::Fd(_) | Source::Computed => &[HOLE],
        }
    }

    /// The texts of its holes.
    pub(crate) fn holes(&self) -> &[String] {
        match &self.source {
            Source::Format(template) => &template.holes,
            _ => &[],
        }
    }

    /// Whether part of its text comes from outside the source.
    pub(crate) fn is_computed(&self) -> bool {
        match &self.source {
            Source::Computed => true,
            Source::Format(template) => template.text.contains(&HOLE),
            Source::Literal(_) | Source::Constant | Source::Fd(_) => false,
        }
    }

    /// Whether the guard applies to it as an argument: its computed beginning could be a `-`.
    pub(crate) fn is_guarded(&self) -> bool {
        !self.marks.verbatim && self.is_computed() && self.text().first() == Some(&HOLE)
    }
}

fn source(expr: &Expr) -> Result<Source> {
    let source = match expr {
        Expr::Lit(ExprLit { lit, .. }) => Source::Literal(literal(lit)?),
        Expr::Unary(unary) => match (&unary.op, &*unary.expr) {
            (UnOp::Neg(_), Expr::Lit(ExprLit { lit: lit @ (Lit::Int(_) | Lit::Float(_)), .. })) => {
                let mut text = b"-".to_vec();
                text.extend(literal(lit)?);
                Source::Literal(text)
            }
            _ => Source::Computed,
        },
        Expr::Macro(ExprMacro { mac, .. }) => {
            match mac.path.segments.last().map(|last| last.ident.to_string()).as_deref() {
                Some("format") => Source::Format(Template::of(mac)),
                Some("concat" | "env" | "stringify" | "include_str") => Source::Constant,
                _ => Source::Computed,
            }
        }
        Expr::Path(_) if is_constant(expr) => Source::Constant,
        Expr::Call(call) if is_call(expr, "fd") => match call.args.first() {
            Some(Expr::Path(name)) if call.args.len() == 1 && name.path.get_ident().is_some() => {
                Source::Fd(name.path.require_ident()?.clone())
            }
            _ => {
                let help = "write `fd(name)`, with a name of `fds`";
                return Err(Error::new_spanned(expr, with_help("`fd(…)` takes a descriptor's name", help)));
            }
        },
        Expr::Array(_) => {
            return Err(Error::new_spanned(
                expr,
                with_help(
                    "expected one value, found a list",
                    "to pass each item of a list, spread it in `args`: `..list`",
                ),
            ));
        }
        Expr::Assign(_) => {
            return Err(Error::new_spanned(
                expr,
                with_help(
                    "expected one value, found a pair",
                    "write the pair as its own item of `args`: `\"--key\" = value`",
                ),
            ));
        }
        Expr::Tuple(tuple) if !tuple.elems.is_empty() => {
            return Err(Error::new_spanned(expr, "expected one value, found several"));
        }
        _ => Source::Computed,
    };
    Ok(source)
}

fn literal(lit: &Lit) -> Result<Vec<u8>> {
    Ok(match lit {
        Lit::Str(text) => text.value().into_bytes(),
        Lit::ByteStr(bytes) => bytes.value(),
        Lit::CStr(text) => text.value().into_bytes(),
        Lit::Char(char) => char.value().to_string().into_bytes(),
        Lit::Int(number) => number.base10_digits().as_bytes().to_vec(),
        Lit::Float(number) => number.base10_digits().as_bytes().to_vec(),
        other => {
            return Err(Error::new_spanned(
                other,
                with_help("expected a string or a number", "write it in quotes, as the program should receive it"),
            ));
        }
    })
}
