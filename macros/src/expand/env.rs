//! The environment.

use super::code::Code;
use super::names::{hidden, runtime};
use super::value::hole;
use crate::language::opcode::Opcode;
use crate::syntax::env::{Environment, Term};
use quote::quote;

pub(super) fn environment(code: &mut Code, environment: &Environment) {
    for term in &environment.terms {
        match term {
            Term::Inherit(_) => code.stretch.bare(Opcode::Inherit),
            Term::Empty(_) => code.stretch.bare(Opcode::Empty),
            Term::PassCommon(_) => code.stretch.bare(Opcode::PassCommon),
            Term::Pass(name) => code.stretch.literal(Opcode::Pass, name.text.as_bytes()),
            Term::Remove(name) => code.stretch.literal(Opcode::Remove, name.text.as_bytes()),
            Term::Entry(entry) => code.text(Opcode::Entry, entry),
            Term::Xdg(base) => code.text(Opcode::Xdg, base),
            Term::Set { name, value } => {
                if value.marks.secret {
                    code.stretch.bare(Opcode::Secret);
                }
                match value.literal() {
                    Some(text) => code.stretch.literal(Opcode::Entry, &[name.text.as_bytes(), b"=", text].concat()),
                    None => {
                        code.stretch.literal(Opcode::Variable, name.text.as_bytes());
                        code.stretch.hole(hole(value));
                    }
                }
            }
            Term::Pairs(spread) => {
                let (runtime, spec) = (runtime(), hidden("spec"));
                let (pairs, secret) = (&spread.list, spread.marks.secret);
                code.statement(quote!(#runtime::pairs(&mut *#spec, #secret, #pairs);));
            }
        }
    }
}
