//! Identity, privileges, limits, session and labels: statements between the stretches.

use super::code::Code;
use super::names::{hidden, runtime};
use super::typed::Typed;
use super::value::{borrowed, hole};
use crate::language::names::{CAPABILITIES, LIMITS, SIGNALS};
use crate::language::opcode::Opcode;
use crate::syntax::settings::{Limit, Process};
use crate::syntax::{Entry, together};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Expr, Ident};

pub(super) fn process(code: &mut Code, typed: &mut Typed, process: &Process) {
    let (runtime, spec) = (runtime(), hidden("spec"));
    let call = |function: &str, operands: TokenStream| {
        let function = Ident::new(function, proc_macro2::Span::call_site());
        quote!(#runtime::#function(&mut *#spec #operands);)
    };
    let statement = match process {
        // The runtime's functions have the names of the keys.
        Process::Flag(key) => call(key.name(), TokenStream::new()),
        Process::Number(key, value) => call(key.name(), quote!(, #value)),
        Process::Text(key, value) => call(key.name(), operand(&hole(value))),
        Process::Fd(key, fd) => return typed.descriptor(key.name(), fd),
        Process::Caps(names) => {
            let names = names.iter().filter(|name| is_known(name, CAPABILITIES));
            call("keep_caps", quote!(, 0 #(| #runtime::caps::#names)*))
        }
        // One statement sets all three: see `ids`.
        Process::Id(..) => return,
        Process::Limits(limits) => {
            let known = limits.iter().filter(|limit| is_known(&limit.name, LIMITS));
            known.map(|limit| call("resource_limit", limit_operands(limit))).collect()
        }
        Process::Pdeathsig(signal) if is_known(signal, SIGNALS) => {
            call("pdeathsig", quote!(, #runtime::signals::#signal))
        }
        Process::Cpus(list) => call("cpus", operand(&borrowed(list))),
        Process::Pdeathsig(_) => return,
        Process::LeadsGroup => call("process_group", TokenStream::new()),
        Process::Session { terminal: false } => call("session", TokenStream::new()),
        Process::Session { terminal: true } => call("session_with_terminal", TokenStream::new()),
        Process::Descendants { kill } => call("kill_descendants", quote!(, #kill)),
        Process::SchedCoreNew => call("sched_core_new", TokenStream::new()),
        Process::SchedCoreShare(pid) => call("sched_core_share", quote!(, #pid)),
        Process::Daemonize => return typed.daemonize(),
        Process::Handshake => return typed.handshake(),
        Process::Pidfile(path) => return code.text(Opcode::Pidfile, path),
        Process::PreExec(block) => {
            // The call stands in the user's own unsafe block, whose author promises that the closure may run there.
            let (keyword, statements) = (&block.unsafe_token, &block.block.stmts);
            quote!(#keyword { #runtime::pre_exec(&mut *#spec, { #(#statements)* }) };)
        }
    };
    code.statement(statement);
}

fn operand(hole: &TokenStream) -> TokenStream {
    quote!(, #hole)
}

fn limit_operands(limit: &Limit) -> TokenStream {
    let (runtime, name) = (runtime(), &limit.name);
    let value = |expr: &Expr| match expr {
        Expr::Path(path) if path.path.is_ident("unlimited") => quote!(#runtime::UNLIMITED),
        expr => quote!(#expr),
    };
    let soft = value(&limit.soft);
    match limit.hard.as_ref().map(value) {
        Some(hard) => quote!(, #runtime::limits::#name, #soft, ::core::option::Option::Some(#hard)),
        None => quote!(, #runtime::limits::#name, #soft, ::core::option::Option::None),
    }
}

/// Whether the table has `name`. An unknown name was reported, and rustc is not to report it again.
pub(super) fn is_known(name: &Ident, table: &[&str]) -> bool {
    table.contains(&name.to_string().as_str())
}

/// `uid`, `gid` and `groups`, which are set together.
pub(super) fn ids(code: &mut Code, entries: &[Entry]) {
    if let [(_, Some((_, uid))), (_, Some((_, gid))), (_, Some((_, groups)))] = together::ids(entries) {
        let (runtime, spec) = (runtime(), hidden("spec"));
        code.statement(quote!(#runtime::ids(&mut *#spec, #uid, #gid, &#groups);));
    }
}
