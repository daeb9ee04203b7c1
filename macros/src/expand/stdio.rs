//! The streams: their kinds in the template, their types on the command, their descriptors moved into it.

use super::stretch::{Op, Stretch};
use super::{Code, hidden, hole, runtime};
use crate::language::words::Stream;
use crate::syntax::stdio::{Choice, Kind, Pieces, What};
use crate::syntax::value::Value;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;
use syn::Expr;

#[derive(Default)]
pub(super) struct Streams {
    /// The types of stdin, stdout and stderr, where they were given.
    types: [Option<TokenStream>; 3],
    /// Descriptors and callbacks are moved into the finished command: its type says so.
    moved: Vec<(Ident, TokenStream)>,
    daemonized: bool,
    waits: bool,
    /// It was reported that no way of running goes with the streams.
    mistaken: bool,
}

impl Streams {
    pub(super) fn one(&mut self, code: &mut Code, stream: Stream, kind: &Kind) {
        let runtime = runtime();
        let named = type_of(stream, &kind.word);
        if self.mistaken {
            self.types[index(stream)] = Some(quote!(#runtime::Mistaken<#named>));
            return;
        }
        self.types[index(stream)] = Some(named);
        match &kind.what {
            What::Fd(fd) => {
                let setter = Ident::new(&format!("{}_fd", stream.name()), Span::call_site());
                self.moved.push((setter, quote!(#runtime::descriptor(#fd))));
            }
            What::Pieces { pieces, call } => {
                let setter = Ident::new(&format!("{}_pieces", stream.name()), Span::call_site());
                let handler = match pieces {
                    Pieces::Lines { strict: false } => quote!(#runtime::lines(#call)),
                    Pieces::Lines { strict: true } => quote!(#runtime::strict_lines(#call)),
                    Pieces::Records { separator } => quote!(#runtime::split(#separator, #call)),
                };
                self.moved.push((setter, handler));
            }
            What::Choice(_) if kind.holds_fd() => {
                let setter = Ident::new(&format!("{}_direct", stream.name()), Span::call_site());
                self.moved.push((setter, direct(kind)));
            }
            What::Choice(choice) => code.statement(statement(stream, choice)),
            What::Input(bytes) => {
                let spec = hidden("spec");
                code.statement(quote!(#runtime::input(&mut *#spec, #bytes);));
            }
            What::Buffer { max: Some(max) } | What::Text { max: Some(max) } | What::FileBuffer { max: Some(max) } => {
                simple(&mut code.stretch, stream, &kind.what);
                let (spec, stream) = (hidden("spec"), index(stream));
                code.statement(quote!(#runtime::limit(&mut *#spec, #stream, #max);));
            }
            what => simple(&mut code.stretch, stream, what),
        }
    }

    pub(super) fn new(mistaken: bool) -> Streams {
        Streams { mistaken, ..Streams::default() }
    }

    pub(super) fn daemonize(&mut self) {
        self.daemonized = true;
    }

    pub(super) fn handshake(&mut self) {
        self.waits = true;
    }

    /// A descriptor that is no stream's.
    pub(super) fn descriptor(&mut self, setter: &str, fd: &Expr) {
        let runtime = runtime();
        self.moved(setter, quote!(#runtime::descriptor(#fd)));
    }

    /// Something that a function of the runtime moves into the finished command.
    pub(super) fn moved(&mut self, setter: &str, operand: TokenStream) {
        self.moved.push((Ident::new(setter, Span::call_site()), operand));
    }

    pub(super) fn all(&mut self, code: &mut Code, kind: &Kind) {
        for stream in [Stream::Stdin, Stream::Stdout, Stream::Stderr] {
            self.one(code, stream, kind);
        }
    }

    /// The parameters of `Command`, without the one for descriptors.
    pub(super) fn types(&self, status: Option<TokenStream>) -> TokenStream {
        let runtime = runtime();
        let [stdin, stdout, stderr] = self.types.clone().map(|given| given.unwrap_or(quote!(#runtime::Unset)));
        let status = status.unwrap_or(quote!(#runtime::Success));
        quote!(#stdin, #stdout, #stderr, #status)
    }

    /// `command` with the types of the streams that were given here instead of its own.
    pub(super) fn retyped(&self, command: TokenStream, status: Option<TokenStream>) -> TokenStream {
        let runtime = runtime();
        let names = ["stdin_as", "stdout_as", "stderr_as"];
        let streams = names.into_iter().zip(&self.types).filter_map(|(name, given)| Some((name, given.clone()?)));
        streams.chain(status.map(|status| ("status_as", status))).fold(command, |command, (name, given)| {
            let name = Ident::new(name, Span::call_site());
            quote!(#runtime::#name::<#given, _, _, _, _, _, _>(#command))
        })
    }

    /// `command` with what is moved into it, in its mode of running.
    pub(super) fn with_moved(&self, command: TokenStream) -> TokenStream {
        let runtime = runtime();
        let command = self.moved.iter().fold(command, |command, (setter, fd)| quote!(#runtime::#setter(#command, #fd)));
        let command = if self.daemonized { quote!(#runtime::daemonize(#command)) } else { command };
        if self.waits { quote!(#runtime::handshake(#command)) } else { command }
    }
}

fn index(stream: Stream) -> usize {
    match stream {
        Stream::Stdin => 0,
        Stream::Stdout => 1,
        Stream::Stderr => 2,
    }
}

/// The user's word, as the type that it names.
fn type_of(stream: Stream, word: &Ident) -> TokenStream {
    let (runtime, stream) = (runtime(), Ident::new(stream.name(), Span::call_site()));
    quote!(#runtime::#stream::#word)
}

/// A kind that the template can say.
fn simple(stretch: &mut Stretch, stream: Stream, what: &What) {
    stretch.bare(match stream {
        Stream::Stdin => Op::Stdin,
        Stream::Stdout => Op::Stdout,
        Stream::Stderr => Op::Stderr,
    });
    match what {
        What::Null => stretch.kind(b'n'),
        What::Inherit => stretch.kind(b'i'),
        What::Log => stretch.kind(b'l'),
        What::Buffer { .. } => stretch.kind(b'b'),
        What::FileBuffer { .. } => stretch.kind(b'r'),
        What::Text { .. } => stretch.kind(b't'),
        What::Merged => stretch.kind(b'm'),
        What::Pipe { nonblocking } => stretch.kind(if *nonblocking { b'o' } else { b'p' }),
        What::File(path) => path_kind(stretch, b'f', path),
        What::Append(path) => path_kind(stretch, b'a', path),
        // These have no place in a template: they are moved, or chosen at run time.
        What::Fd(_) | What::Input(_) | What::Choice(_) | What::Pieces { .. } => stretch.kind(b'n'),
    }
}

fn path_kind(stretch: &mut Stretch, kind: u8, path: &Value) {
    match path.literal() {
        Some(text) => {
            stretch.kind(kind);
            stretch.text(text);
        }
        None => {
            stretch.kind(kind.to_ascii_uppercase());
            stretch.hole(hole(path));
        }
    }
}

/// A choice in which no descriptor is moved: each branch is a template.
fn statement(stream: Stream, choice: &Choice) -> TokenStream {
    let branch = |kind: &Kind| match &kind.what {
        What::Choice(inner) => statement(stream, inner),
        what => {
            let mut code = Code::default();
            simple(&mut code.stretch, stream, what);
            code.into_statements()
        }
    };
    choose(choice, branch)
}

/// A choice in which a descriptor may be moved: each branch is a value of one type.
fn direct(kind: &Kind) -> TokenStream {
    let runtime = runtime();
    match &kind.what {
        What::Choice(choice) => choose(choice, direct),
        What::Inherit => quote!(#runtime::Choice::inherit()),
        What::Fd(fd) => quote!(#runtime::Choice::fd(#runtime::descriptor(#fd))),
        What::File(path) => {
            let path = hole(path);
            quote!(#runtime::Choice::file(#path))
        }
        What::Append(path) => {
            let path = hole(path);
            quote!(#runtime::Choice::append(#path))
        }
        _ => quote!(#runtime::Choice::null()),
    }
}

fn choose(choice: &Choice, branch: impl Fn(&Kind) -> TokenStream) -> TokenStream {
    match choice {
        Choice::If { condition, then, otherwise } => {
            let (then, otherwise) = (branch(then), branch(otherwise));
            quote!(if #condition { #then } else { #otherwise })
        }
        Choice::Match { on, arms } => {
            let arms = arms.iter().map(|(pattern, kind)| {
                let kind = branch(kind);
                quote!(#pattern => { #kind })
            });
            quote!(match #on { #(#arms)* })
        }
    }
}
