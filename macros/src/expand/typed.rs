//! The type of the finished command: the types of its streams, the values moved into it, its mode.

use super::names::runtime;
use crate::language::words::Stream;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Expr;

/// The parts of a declaration that the type of the command carries.
#[derive(Default)]
pub(super) struct Typed {
    /// The types of stdin, stdout and stderr, if declared.
    types: [Option<TokenStream>; 3],
    /// The descriptors and callbacks that are moved into the finished command, which changes its type.
    moved: Vec<(Ident, TokenStream)>,
    daemonized: bool,
    waits: bool,
    /// No method can run the command with these streams, which was reported.
    mistaken: bool,
}

impl Typed {
    pub(super) fn new(mistaken: bool) -> Typed {
        Typed { mistaken, ..Typed::default() }
    }

    pub(super) fn daemonize(&mut self) {
        self.daemonized = true;
    }

    pub(super) fn handshake(&mut self) {
        self.waits = true;
    }

    pub(super) fn is_mistaken(&self) -> bool {
        self.mistaken
    }

    /// Gives `stream` its type.
    pub(super) fn stream(&mut self, stream: Stream, named: TokenStream) {
        self.types[stream.index()] = Some(named);
    }

    /// A descriptor that is not a stream.
    pub(super) fn descriptor(&mut self, setter: &str, fd: &Expr) {
        let runtime = runtime();
        self.moved(setter, quote!(#runtime::descriptor(#fd)));
    }

    /// A value that a function of the runtime moves into the finished command.
    pub(super) fn moved(&mut self, setter: &str, operand: TokenStream) {
        self.moved.push((Ident::new(setter, Span::call_site()), operand));
    }

    /// The parameters of `Command`, without the one for descriptors.
    pub(super) fn types(&self, status: Option<TokenStream>) -> TokenStream {
        let runtime = runtime();
        let [stdin, stdout, stderr] = self.types.clone().map(|given| given.unwrap_or(quote!(#runtime::Unset)));
        let status = status.unwrap_or(quote!(#runtime::Success));
        quote!(#stdin, #stdout, #stderr, #status)
    }

    /// `command` with the declared types of streams instead of its own.
    pub(super) fn retyped(&self, command: TokenStream, status: Option<TokenStream>) -> TokenStream {
        let runtime = runtime();
        let names = ["stdin_as", "stdout_as", "stderr_as"];
        let streams = names.into_iter().zip(&self.types).filter_map(|(name, given)| Some((name, given.clone()?)));
        streams.chain(status.map(|status| ("status_as", status))).fold(command, |command, (name, given)| {
            let name = Ident::new(name, Span::call_site());
            quote!(#runtime::#name::<#given, _, _, _, _, _, _>(#command))
        })
    }

    /// `command` with the moved values, in its mode.
    pub(super) fn with_moved(&self, command: TokenStream) -> TokenStream {
        let runtime = runtime();
        let command = self.moved.iter().fold(command, |command, (setter, fd)| quote!(#runtime::#setter(#command, #fd)));
        let command = if self.daemonized { quote!(#runtime::daemonize(#command)) } else { command };
        if self.waits { quote!(#runtime::handshake(#command)) } else { command }
    }
}
