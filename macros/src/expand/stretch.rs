//! The constant part of a declaration: bytes that the runtime reads in order.
//!
//! [`opcode`](crate::language::opcode) defines their format.

use crate::language::opcode::{Opcode, StreamKind};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

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
    pub(super) fn bare(&mut self, opcode: Opcode) {
        self.bytes.push(opcode.byte());
    }

    pub(super) fn literal(&mut self, opcode: Opcode, text: &[u8]) {
        self.bytes.push(opcode.byte());
        self.text(text);
    }

    /// The text of the preceding operation.
    pub(super) fn text(&mut self, text: &[u8]) {
        // A NUL was reported. The text is cut there, so that the bytes stay valid.
        self.bytes.extend(text.iter().copied().take_while(|byte| *byte != 0));
        self.bytes.push(0);
    }

    /// An operation whose text is computed.
    pub(super) fn computed(&mut self, opcode: Opcode, hole: TokenStream) {
        self.bytes.push(opcode.computed_byte());
        self.hole(hole);
    }

    pub(super) fn hole(&mut self, hole: TokenStream) {
        self.holes.push(hole);
    }

    /// The kind of a stream, after the operation of the stream.
    pub(super) fn kind(&mut self, kind: StreamKind) {
        self.bytes.push(kind.byte());
    }

    /// A kind with a computed path.
    pub(super) fn computed_kind(&mut self, kind: StreamKind, hole: TokenStream) {
        self.bytes.push(kind.computed_byte());
        self.hole(hole);
    }

    /// The two operands of the runtime's function.
    pub(super) fn operands(&self) -> TokenStream {
        let bytes = Literal::byte_string(&self.bytes);
        let holes = &self.holes;
        quote!(#bytes, &[#(#holes),*])
    }
}
