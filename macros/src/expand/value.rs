//! A value in an expansion: a reference to its text.

use super::names::{hidden, runtime};
use crate::syntax::fd_names::replaced;
use crate::syntax::value::{Source, Value};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::Expr;

/// A reference to the text of a value. A constant is read in a `const` block, in which a variable does not compile.
pub(super) fn hole(value: &Value) -> TokenStream {
    let (runtime, expr) = (runtime(), &value.expr);
    match &value.source {
        Source::Literal(bytes) => {
            let bytes = Literal::byte_string(bytes);
            quote!(#runtime::literal(#bytes))
        }
        Source::Constant => {
            let constant = quote_spanned!(first_span(expr)=> &const { #expr });
            quote!(#runtime::hole(#constant))
        }
        Source::Fd(name) => {
            let number = number(name);
            quote!(#runtime::hole(&#number))
        }
        Source::Format(_) => {
            let formatted = with_numbers(expr);
            let borrowed = quote_spanned!(first_span(expr)=> &#formatted);
            quote!(#runtime::hole(#borrowed))
        }
        Source::Computed => {
            let borrowed = borrowed(expr);
            quote!(#runtime::hole(#borrowed))
        }
    }
}

/// `&expr` with the spans of the user's tokens, so that rustc points there if the type is wrong.
pub(super) fn borrowed(expr: &Expr) -> TokenStream {
    let binds_tighter = matches!(
        expr,
        Expr::Path(_)
            | Expr::Lit(_)
            | Expr::Call(_)
            | Expr::MethodCall(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Macro(_)
            | Expr::Reference(_)
            | Expr::Unary(_)
            | Expr::Try(_)
            | Expr::Await(_)
    );
    match binds_tighter {
        true => quote_spanned!(first_span(expr)=> &#expr),
        false => quote_spanned!(first_span(expr)=> &(#expr)),
    }
}

pub(super) fn first_span(expr: &Expr) -> Span {
    expr.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

/// The variable that holds the number of `name`.
pub(super) fn number(name: &Ident) -> Ident {
    hidden(&format_ident!("fd_{}", name).to_string())
}

/// `expr` with every `fd(name)` in it replaced by the number.
fn with_numbers(expr: &Expr) -> TokenStream {
    replaced(quote!(#expr), &mut |name| {
        let number = number(name);
        quote!(#number)
    })
}
