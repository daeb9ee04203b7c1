//! The pipeline of a macro: from its tokens to its expansion.

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

/// The expansion, with the hints for an editor. Mistakes stand beside it in a block: two `compile_error!` in the place
/// of an expression would cause further errors. The expansion remains, so that the code around it keeps its types.
/// Without mistakes there is no block, since temporaries (`fd(&io::stdout())`) would be dropped at its end.
fn beside(report: &Report, expansion: TokenStream, hints: Option<Hints>) -> TokenStream {
    let errors = report.errors();
    match hints {
        Some(hints) => hints.around(&expansion, &errors),
        None if errors.is_empty() => expansion,
        None => quote!({ #errors #expansion }),
    }
}

/// The expansion of refused tokens has the type `!`, which coerces to any type.
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
