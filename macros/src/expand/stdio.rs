//! The streams: their kinds in the template, their types and descriptors for the command.

use super::code::Code;
use super::names::{hidden, runtime};
use super::stretch::Stretch;
use super::typed::Typed;
use super::value::hole;
use crate::language::opcode::{Opcode, StreamKind};
use crate::language::words::Stream;
use crate::syntax::stdio::{Choice, Kind, Pieces, What};
use crate::syntax::value::Value;
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// A stream that was declared by its own key.
pub(super) fn one(typed: &mut Typed, code: &mut Code, stream: Stream, kind: &Kind) {
    let runtime = runtime();
    let named = type_of(stream, &kind.word);
    if typed.is_mistaken() {
        typed.stream(stream, quote!(#runtime::Mistaken<#named>));
        return;
    }
    typed.stream(stream, named);
    match &kind.what {
        What::Fd(fd) => {
            let setter = format!("{}_fd", stream.name());
            typed.moved(&setter, quote!(#runtime::descriptor(#fd)));
        }
        What::Pieces { pieces, call } => {
            let setter = format!("{}_pieces", stream.name());
            let handler = match pieces {
                Pieces::Lines { strict: false } => quote!(#runtime::lines(#call)),
                Pieces::Lines { strict: true } => quote!(#runtime::strict_lines(#call)),
                Pieces::Records { separator } => quote!(#runtime::split(#separator, #call)),
            };
            typed.moved(&setter, handler);
        }
        What::Choice(_) if kind.holds_fd() => {
            let setter = format!("{}_direct", stream.name());
            typed.moved(&setter, direct(kind));
        }
        What::Choice(choice) => code.statement(statement(stream, choice)),
        What::Input(bytes) => {
            let spec = hidden("spec");
            code.statement(quote!(#runtime::input(&mut *#spec, #bytes);));
        }
        What::Buffer { max: Some(max) } | What::Text { max: Some(max) } | What::FileBuffer { max: Some(max) } => {
            simple(&mut code.stretch, stream, &kind.what);
            let (spec, stream) = (hidden("spec"), stream.index());
            code.statement(quote!(#runtime::limit(&mut *#spec, #stream, #max);));
        }
        what => simple(&mut code.stretch, stream, what),
    }
}

/// `stdio`: the same kind for all three.
pub(super) fn all(typed: &mut Typed, code: &mut Code, kind: &Kind) {
    for stream in [Stream::Stdin, Stream::Stdout, Stream::Stderr] {
        one(typed, code, stream, kind);
    }
}

/// The type that the user's identifier names.
fn type_of(stream: Stream, word: &Ident) -> TokenStream {
    let (runtime, stream) = (runtime(), Ident::new(stream.name(), Span::call_site()));
    quote!(#runtime::#stream::#word)
}

/// Writes a kind that a template can represent.
fn simple(stretch: &mut Stretch, stream: Stream, what: &What) {
    stretch.bare(match stream {
        Stream::Stdin => Opcode::Stdin,
        Stream::Stdout => Opcode::Stdout,
        Stream::Stderr => Opcode::Stderr,
    });
    match what {
        What::Null => stretch.kind(StreamKind::Null),
        What::Inherit => stretch.kind(StreamKind::Inherit),
        What::Log => stretch.kind(StreamKind::Log),
        What::Buffer { .. } | What::Text { .. } => stretch.kind(StreamKind::Buffer),
        What::FileBuffer { .. } => stretch.kind(StreamKind::FileBuffer),
        What::Merged => stretch.kind(StreamKind::Merged),
        What::Pipe { nonblocking } => {
            stretch.kind(if *nonblocking { StreamKind::NonblockingPipe } else { StreamKind::Pipe });
        }
        What::File(path) => path_kind(stretch, StreamKind::File, path),
        What::Append(path) => path_kind(stretch, StreamKind::Append, path),
        // A template cannot represent these: they are moved, or chosen at run time.
        What::Fd(_) | What::Input(_) | What::Choice(_) | What::Pieces { .. } => stretch.kind(StreamKind::Null),
    }
}

fn path_kind(stretch: &mut Stretch, kind: StreamKind, path: &Value) {
    match path.literal() {
        Some(text) => {
            stretch.kind(kind);
            stretch.text(text);
        }
        None => stretch.computed_kind(kind, hole(path)),
    }
}

/// A choice without a descriptor: each branch is a template.
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

/// A choice that may move a descriptor: each branch is a value of one type.
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
