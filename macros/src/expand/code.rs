//! The body of an expansion: stretches of the template, and the statements between them.

use super::names::{hidden, runtime};
use super::stretch::Stretch;
use super::value::hole;
use crate::language::opcode::Opcode;
use crate::syntax::value::Value;
use proc_macro2::TokenStream;
use quote::quote;

/// A sequence of stretches and statements, in the order of the source.
#[derive(Default)]
pub(super) struct Code {
    statements: TokenStream,
    pub(super) stretch: Stretch,
}

impl Code {
    /// An operation with a text, which is a literal or the next hole.
    pub(super) fn text(&mut self, opcode: Opcode, value: &Value) {
        self.marks(value);
        match value.literal() {
            Some(bytes) => self.stretch.literal(opcode, bytes),
            None => self.stretch.computed(opcode, hole(value)),
        }
    }

    /// Writes the marks of the next operation.
    pub(super) fn marks(&mut self, value: &Value) {
        if value.marks.secret {
            self.stretch.bare(Opcode::Secret);
        }
        if value.marks.verbatim {
            self.stretch.bare(Opcode::Verbatim);
        }
    }

    /// Adds a statement, which ends the current stretch.
    pub(super) fn statement(&mut self, statement: TokenStream) {
        self.flush();
        self.statements.extend(statement);
    }

    fn flush(&mut self) {
        let stretch = std::mem::take(&mut self.stretch);
        if !stretch.is_empty() {
            let (runtime, spec, operands) = (runtime(), hidden("spec"), stretch.operands());
            self.statements.extend(quote!(#runtime::append(&mut *#spec, #operands);));
        }
    }

    pub(super) fn into_statements(mut self) -> TokenStream {
        self.flush();
        self.statements
    }

    /// The stretch if there is only one, or else the statements.
    pub(super) fn into_one_stretch(self) -> Result<Stretch, TokenStream> {
        match self.statements.is_empty() {
            true => Ok(self.stretch),
            false => Err(self.into_statements()),
        }
    }
}
