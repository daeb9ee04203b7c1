//! Collects every mistake of a declaration, so that one compilation shows them all.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::fmt::Display;
use syn::Error;

#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<Error>,
}

impl Report {
    /// A mistake shown at `tokens`, in rustc's style: lowercase, code in backticks, no full stop.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.errors.push(Error::new_spanned(tokens, message));
    }

    /// As [`error`](Self::error), with a line that shows what to write instead.
    pub(crate) fn error_with_help(&mut self, tokens: impl ToTokens, message: impl Display, help: impl Display) {
        self.error(tokens, with_help(message, help));
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// The expansion; with mistakes beside it in a block, since alone two `compile_error!` in the place of an expression
    /// would draw errors of their own. The expansion stays, so that the code around it keeps its types. Without
    /// mistakes there is no block, at whose end what is borrowed for the moment (`fd(&io::stdout())`) would be gone.
    pub(crate) fn beside(self, expansion: TokenStream) -> TokenStream {
        if self.errors.is_empty() {
            return expansion;
        }
        let errors = self.errors.iter().map(Error::to_compile_error);
        quote! {{ #(#errors;)* #expansion }}
    }
}

/// A message followed by a help line, as rustc aligns them.
pub(crate) fn with_help(message: impl Display, help: impl Display) -> String {
    format!("{message}\nhelp: {help}")
}
