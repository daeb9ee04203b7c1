//! Error recovery in comma-separated lists.

use crate::report::{Report, with_help};
use proc_macro2::TokenTree;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::parse::discouraged::Speculative;
use syn::{Error, Expr, Ident, Lit, LitBool, Result, Token};

/// Reads each item with `item`. Reports an item that fails, and skips it up to its comma.
pub(super) fn each(
    input: ParseStream<'_>,
    report: &mut Report,
    mut item: impl FnMut(ParseStream<'_>, &mut Report) -> Result<()>,
) -> Result<()> {
    while !input.is_empty() {
        if let Err(error) = item(input, report) {
            report.push(error);
            skip_to_comma(input);
        } else if !input.is_empty() && !input.peek(Token![,]) {
            report.push(input.error("expected `,`"));
            if begins_item(input) {
                continue;
            }
            skip_to_comma(input);
        }
        if !input.is_empty() {
            input.parse::<Token![,]>()?;
        }
    }
    Ok(())
}

/// Whether an item follows directly, so that only its comma is missing: a literal, or a key with its value.
fn begins_item(input: ParseStream<'_>) -> bool {
    input.peek(Lit) || (input.peek(Ident::peek_any) && (input.peek2(Token![:]) || input.peek2(Token![=])))
}

/// Refuses the value of a key that takes none: `session: true`.
pub(super) fn no_value(key: &Ident, input: ParseStream<'_>) -> Result<()> {
    if !input.peek(Token![:]) && !input.peek(Token![=]) {
        return Ok(());
    }
    input.parse::<TokenTree>()?;
    let help = match input.parse::<Lit>() {
        Ok(Lit::Bool(LitBool { value: false, .. })) => format!("remove `{key}`: it is off unless it is written"),
        _ => format!("write `{key}` alone"),
    };
    Err(Error::new_spanned(key, with_help(format!("`{key}` takes no value"), help)))
}

/// Skips the value of an unknown key. Parses it as an expression if possible, so that a comma inside `f::<A, B>()` does
/// not end it.
pub(super) fn skip_entry(input: ParseStream<'_>) {
    let ahead = input.fork();
    let separated = ahead.parse::<Token![:]>().is_ok() || ahead.parse::<Token![=]>().is_ok();
    if separated && ahead.parse::<Expr>().is_ok() {
        input.advance_to(&ahead);
    }
    skip_to_comma(input);
}

fn skip_to_comma(input: ParseStream<'_>) {
    skip_to(input, |input| input.peek(Token![,]));
}

/// Skips tokens until `stop` returns true, or to the end.
pub(super) fn skip_to(input: ParseStream<'_>, stop: impl Fn(ParseStream<'_>) -> bool) {
    while !input.is_empty() && !stop(input) && input.parse::<TokenTree>().is_ok() {}
}
