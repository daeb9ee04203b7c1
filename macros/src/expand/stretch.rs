//! The constant part of a declaration: bytes that the runtime reads in order.
//!
//! Each operation is one byte, followed by a text that a NUL ends where the operation has one. A capital letter takes
//! its text from the next computed value instead. The runtime's `template` module reads the same table; both packages
//! are of one version.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// What can be said of a declaration.
#[derive(Clone, Copy)]
pub(super) enum Op {
    Program,
    Argument,
    /// `key=` and a computed value, one argument.
    Pair,
    /// An option and a computed value, two arguments.
    OptionWithValue,
    /// The value of the next operation is hidden wherever it is shown.
    Secret,
    /// No rule looks at the next operation's value.
    Verbatim,
    Argv0,
    Inherit,
    Empty,
    PassCommon,
    Pass,
    Remove,
    /// `NAME=value`.
    Entry,
    /// A name, and its computed value.
    Variable,
    Xdg,
    Cwd,
    Pidfile,
    Umask,
    Stdin,
    Stdout,
    Stderr,
    AcceptCode,
    AcceptRaw,
    AcceptSuccess,
}

impl Op {
    fn byte(self) -> u8 {
        match self {
            Op::Program => b'p',
            Op::Argument => b'a',
            Op::Pair => b'j',
            Op::OptionWithValue => b'o',
            Op::Secret => b's',
            Op::Verbatim => b'q',
            Op::Argv0 => b'g',
            Op::Inherit => b'i',
            Op::Empty => b'e',
            Op::PassCommon => b'c',
            Op::Pass => b'v',
            Op::Remove => b'r',
            Op::Entry => b'k',
            Op::Variable => b'w',
            Op::Xdg => b'x',
            Op::Cwd => b'd',
            Op::Pidfile => b'f',
            Op::Umask => b'm',
            Op::Stdin => b'0',
            Op::Stdout => b'1',
            Op::Stderr => b'2',
            Op::AcceptCode => b'C',
            Op::AcceptRaw => b'R',
            Op::AcceptSuccess => b'S',
        }
    }
}

/// A stretch of the declaration without control flow: its constant bytes and the values that fill its holes.
#[derive(Default)]
pub(super) struct Stretch {
    bytes: Vec<u8>,
    holes: Vec<TokenStream>,
}

impl Stretch {
    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// An operation without a text.
    pub(super) fn bare(&mut self, op: Op) {
        self.bytes.push(op.byte());
    }

    pub(super) fn literal(&mut self, op: Op, text: &[u8]) {
        self.bytes.push(op.byte());
        self.text(text);
    }

    /// The text of what stands before it.
    pub(super) fn text(&mut self, text: &[u8]) {
        // A NUL was reported as a mistake: the rest is left out, so that the bytes still read.
        self.bytes.extend(text.iter().copied().take_while(|byte| *byte != 0));
        self.bytes.push(0);
    }

    /// An operation whose text is computed.
    pub(super) fn computed(&mut self, op: Op, hole: TokenStream) {
        self.bytes.push(op.byte().to_ascii_uppercase());
        self.hole(hole);
    }

    pub(super) fn hole(&mut self, hole: TokenStream) {
        self.holes.push(hole);
    }

    /// Which kind a stream is of, behind [`Op::Stdin`] and its like.
    pub(super) fn kind(&mut self, kind: u8) {
        self.bytes.push(kind);
    }

    /// The two operands of the runtime's entry.
    pub(super) fn operands(&self) -> TokenStream {
        let bytes = Literal::byte_string(&self.bytes);
        let holes = &self.holes;
        quote!(#bytes, &[#(#holes),*])
    }
}
