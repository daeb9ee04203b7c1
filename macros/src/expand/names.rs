//! The names that the macro adds to an expansion.

use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// The module of the runtime that expansions call. Its name has the version of both packages, so that a runtime of
/// another version fails to compile.
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

/// A name that is hygienic: the user's expressions cannot refer to it.
pub(super) fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}
