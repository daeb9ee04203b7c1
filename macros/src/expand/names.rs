//! The names in an expansion that are not the user's.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The module of the runtime that expansions call: it carries the version of the pair, so that a runtime of another
/// version is told apart at once.
pub(super) fn runtime() -> TokenStream {
    let version = concat!(
        "__",
        env!("CARGO_PKG_VERSION_MAJOR"),
        "_",
        env!("CARGO_PKG_VERSION_MINOR"),
        "_",
        env!("CARGO_PKG_VERSION_PATCH")
    );
    let version = Ident::new(version, Span::call_site());
    quote!(::airtight::#version)
}

/// A name that the user's own expressions cannot see.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
