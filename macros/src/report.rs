//! Collects every mistake of a declaration, so that one compilation shows them all.

use crate::rules::Rule;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use std::fmt::Display;
use syn::Error;

#[derive(Default)]
pub(crate) struct Report {
    errors: Vec<Error>,
}

impl Report {
    /// A syntax error at `tokens`. Messages have rustc's style: lowercase, code in backticks, no full stop.
    pub(crate) fn error(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.errors.push(Error::new_spanned(tokens, message));
    }

    /// As [`error`](Self::error), with a help line that shows the correction.
    pub(crate) fn error_with_help(&mut self, tokens: impl ToTokens, message: impl Display, help: impl Display) {
        self.error(tokens, with_help(message, help));
    }

    /// A violation of `rule` at `tokens`, with help lines, and a note with the name of the rule.
    pub(crate) fn refuse<'a>(
        &mut self,
        rule: &Rule,
        tokens: impl ToTokens,
        message: impl Display,
        help: impl IntoIterator<Item = &'a str>,
    ) {
        let mut text = message.to_string();
        for line in help {
            text = with_help(text, line);
        }
        self.error(tokens, format!("{text}\nnote: rule `{}`", rule.name));
    }

    /// A `compile_error!` for each mistake.
    pub(crate) fn errors(&self) -> TokenStream {
        let errors = self.errors.iter().map(Error::to_compile_error);
        quote!(#(#errors;)*)
    }

    pub(crate) fn push(&mut self, error: Error) {
        self.errors.push(error);
    }
}

/// A message followed by a help line, which rustc aligns with the message.
pub(crate) fn with_help(message: impl Display, help: impl Display) -> String {
    format!("{message}\nhelp: {help}")
}
