//! From the tokens between a macro's delimiters to what stands in their place.

use crate::expand::{self, hints::Hints};
use crate::report::Report;
use crate::{check, size, syntax};
use proc_macro2::TokenStream;
use quote::quote;

/// The expansion of `command!`.
pub(crate) fn of_command(tokens: &TokenStream) -> TokenStream {
    if let Err(refused) = size::check(tokens) {
        return refused_whole(&refused);
    }
    let mut report = Report::default();
    let declaration = syntax::declaration(tokens.clone(), &mut report);
    check::declaration(&declaration, &mut report);
    beside(&report, expand::declaration(&declaration), Hints::of_declaration(tokens))
}

/// The expansion of `args!`.
pub(crate) fn of_arguments(tokens: &TokenStream) -> TokenStream {
    if let Err(refused) = size::check(tokens) {
        return refused_whole(&refused);
    }
    let mut report = Report::default();
    let items = syntax::arguments(tokens.clone(), &mut report);
    check::arguments(&items, &mut report);
    beside(&report, expand::arguments(&items), Hints::of_arguments(tokens))
}

/// The expansion, with the hints for an editor; with mistakes beside it in a block, since alone two `compile_error!` in
/// the place of an expression would draw errors of their own. The expansion stays, so that the code around it keeps its
/// types. Without mistakes there is no block, at whose end what is borrowed for the moment (`fd(&io::stdout())`) would
/// be gone.
fn beside(report: &Report, expansion: TokenStream, hints: Option<Hints>) -> TokenStream {
    let errors = report.errors();
    match hints {
        Some(hints) => hints.around(&expansion, &errors),
        None if errors.is_empty() => expansion,
        None => quote!({ #errors #expansion }),
    }
}

/// What cannot be read at all has no type: `!` goes with any.
fn refused_whole(refused: &syn::Error) -> TokenStream {
    let error = refused.to_compile_error();
    quote!({
        #error;
        ::core::unreachable!()
    })
}

#[cfg(test)]
#[path = "entry/tests.rs"]
mod tests;
