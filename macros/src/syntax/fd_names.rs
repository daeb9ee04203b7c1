//! `fd(name)` among tokens: the number of a passed descriptor.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::Ident;

/// The names of every `fd(name)` in tokens, as in `format!("/dev/fd/{}", fd(name))`.
pub(crate) fn names_in(tokens: TokenStream) -> Vec<Ident> {
    let mut names = Vec::new();
    replaced(tokens, &mut |name| {
        names.push(name.clone());
        TokenStream::new()
    });
    names
}

/// The tokens with every `fd(name)` replaced.
pub(crate) fn replaced(tokens: TokenStream, replacement: &mut impl FnMut(&Ident) -> TokenStream) -> TokenStream {
    let mut output = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (&token, tokens.peek()) {
            (TokenTree::Ident(word), Some(TokenTree::Group(group)))
                if word == "fd" && group.delimiter() == Delimiter::Parenthesis =>
            {
                if let Ok(name) = syn::parse2::<Ident>(group.stream()) {
                    tokens.next();
                    output.extend(replacement(&name));
                    continue;
                }
                output.extend([token]);
            }
            (TokenTree::Group(group), _) => {
                let mut inner = Group::new(group.delimiter(), replaced(group.stream(), replacement));
                inner.set_span(group.span());
                inner.to_tokens(&mut output);
            }
            _ => output.extend([token]),
        }
    }
    output
}
