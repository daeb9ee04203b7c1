//! Identity, privileges, limits, session and labels: statements between the stretches.

use super::code::Code;
use super::names::{hidden, runtime};
use super::typed::Typed;
use super::value::hole;
use crate::language::opcode::Opcode;
use crate::language::words::{CAPABILITIES, LIMITS, SIGNALS};
use crate::syntax::process::{Limit, Process};
use crate::syntax::{Entry, Setting};
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
        // All three in one statement: see `ids`.
        Process::Uid(_) | Process::Gid(_) | Process::Groups(_) => return,
        Process::Limits(limits) => {
            let known = limits.iter().filter(|limit| is_known(&limit.name, LIMITS));
            known.map(|limit| call("resource_limit", limit_operands(limit))).collect()
        }
        Process::Pdeathsig(signal) if is_known(signal, SIGNALS) => {
            call("pdeathsig", quote!(, #runtime::signals::#signal))
        }
        Process::Cpus(list) => call("cpus", quote!(, &#list)),
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
            // In the user's own unsafe block: what is unsafe is that this closure runs there.
            let (keyword, statements) = (&block.unsafe_token, &block.block.stmts);
            quote!(#keyword { #runtime::pre_exec(&mut *#spec, { #(#statements)* }) };)
        }
        Process::Directory(fd) => return typed.descriptor("cwd_fd", fd),
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

/// What is unknown was reported: rustc has nothing to add.
pub(super) fn is_known(name: &Ident, table: &[&str]) -> bool {
    table.contains(&name.to_string().as_str())
}

/// `uid`, `gid` and `groups`, which are set together.
pub(super) fn ids(code: &mut Code, entries: &[Entry]) {
    let find = |pick: fn(&Process) -> Option<&Expr>| {
        entries.iter().find_map(|entry| match &entry.setting {
            Setting::Process(process) => pick(process),
            _ => None,
        })
    };
    let uid = find(|process| if let Process::Uid(uid) = process { Some(uid) } else { None });
    let gid = find(|process| if let Process::Gid(gid) = process { Some(gid) } else { None });
    let groups = find(|process| if let Process::Groups(groups) = process { Some(groups) } else { None });
    if let (Some(uid), Some(gid), Some(groups)) = (uid, gid, groups) {
        let (runtime, spec) = (runtime(), hidden("spec"));
        code.statement(quote!(#runtime::ids(&mut *#spec, #uid, #gid, &#groups);));
    }
}
