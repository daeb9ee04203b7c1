//! The generator: the tree → calls of the runtime.
//!
//! A stretch without control flow becomes one call: a constant byte string and a slice of computed values. Anything
//! else (a branch, a spread, a moved value) becomes a statement between two stretches.

mod args;
mod code;
mod env;
mod fds;
pub(crate) mod hints;
mod names;
mod settings;
mod stdio;
mod stretch;
mod typed;
mod value;

use crate::language::names::SIGNALS;
use crate::language::opcode::Opcode;
use crate::syntax::args::Item;
use crate::syntax::status::{Accepted, Status, can_be_exit_code};
use crate::syntax::timeout::Timeout;
use crate::syntax::together::cannot_run;
use crate::syntax::{Cwd, Declaration, Entry, Program, Setting};
use code::Code;
use names::{hidden, runtime};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::{Expr, ExprLit, Lit};
use typed::Typed;
use value::hole;

pub(crate) fn declaration(declaration: &Declaration) -> TokenStream {
    let runtime = runtime();
    let mut code = Code::default();
    let mut typed = Typed::new(cannot_run(&declaration.entries));
    let mut prelude = missing_numbers(&declaration.entries);
    if let Program::Path(path) = &declaration.program {
        code.text(Opcode::Program, path);
    }
    shell_script(&mut code, &declaration.entries);
    for entry in &declaration.entries {
        match &entry.setting {
            Setting::Args(items) => args::items(&mut code, items),
            Setting::Argv0(value) => code.text(Opcode::Argv0, value),
            Setting::Env(environment) => env::environment(&mut code, environment),
            Setting::Cwd(Cwd::Path(path)) => code.text(Opcode::Cwd, path),
            Setting::Cwd(Cwd::Fd(directory)) => typed.descriptor("cwd_fd", directory),
            Setting::Umask(mask) => umask(&mut code, mask),
            Setting::Stream(stream, kind) => stdio::one(&mut typed, &mut code, *stream, kind),
            Setting::Stdio(kind) => stdio::all(&mut typed, &mut code, kind),
            Setting::Status(accepted) => status(&mut code, accepted),
            Setting::Timeout(given) => timeout(&mut code, given),
            // Expanded above: the script precedes the arguments.
            Setting::ShellScript(_) => {}
            Setting::Process(setting) => settings::process(&mut code, &mut typed, setting),
            Setting::Fds(passed) => {
                prelude.extend(fds::prelude(passed));
                fds::moved(&mut typed, passed);
            }
        }
    }
    settings::ids(&mut code, &declaration.entries);
    let status_type = declaration.entries.iter().find_map(|entry| match &entry.setting {
        Setting::Status(status) => Some(status_type(status)),
        _ => None,
    });
    if let Program::Base(base) = &declaration.program {
        return after(&prelude, from_base(base, code, &typed, status_type));
    }
    let types = typed.types(status_type);
    let command = match code.into_one_stretch() {
        Ok(stretch) => {
            let operands = stretch.operands();
            quote!(#runtime::declare::<#types>(#operands))
        }
        Err(statements) => {
            let spec = hidden("spec");
            quote! {{
                let mut #spec = #runtime::begin();
                { let #spec = &mut #spec; #statements }
                #runtime::finish::<#types>(#spec)
            }}
        }
    };
    after(&prelude, typed.with_moved(command))
}

fn missing_numbers(entries: &[Entry]) -> TokenStream {
    let passed = entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Fds(passed) => Some(passed),
        _ => None,
    });
    let items = entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Args(items) => Some(items),
        _ => None,
    });
    fds::missing(items.flatten(), &passed.flatten().collect::<Vec<_>>())
}

/// An expression after statements.
fn after(statements: &TokenStream, expression: TokenStream) -> TokenStream {
    match statements.is_empty() {
        true => expression,
        false => quote!({ #statements #expression }),
    }
}

fn from_base(base: &Expr, code: Code, typed: &Typed, status_type: Option<TokenStream>) -> TokenStream {
    let (runtime, spec, command) = (runtime(), hidden("spec"), hidden("command"));
    let statements = code.into_statements();
    let retyped = typed.retyped(quote!(#command), status_type);
    let with_moved = typed.with_moved(retyped);
    quote! {{
        let mut #command = #runtime::base(#base);
        {
            let #spec = #runtime::spec(&mut #command);
            #statements
        }
        #with_moved
    }}
}

pub(crate) fn arguments(items: &[Item]) -> TokenStream {
    let (runtime, spec) = (runtime(), hidden("spec"));
    let mut code = Code::default();
    args::items(&mut code, items);
    let (missing, statements) = (fds::missing(items, &[]), code.into_statements());
    quote! {{
        #missing
        let mut #spec = #runtime::begin();
        { let #spec = &mut #spec; #statements }
        #runtime::finish_args(#spec)
    }}
}

fn umask(code: &mut Code, mask: &Expr) {
    match mask {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            let bits = number.base10_parse::<u32>().unwrap_or_default();
            code.stretch.literal(Opcode::Umask, format!("{bits:o}").as_bytes());
        }
        // Reported by the rule `umask`.
        Expr::Lit(_) => {}
        computed => {
            let (runtime, spec) = (runtime(), hidden("spec"));
            code.statement(quote!(#runtime::umask(&mut *#spec, #computed);));
        }
    }
}

fn shell_script(code: &mut Code, entries: &[Entry]) {
    for entry in entries {
        if let Setting::ShellScript(script) = &entry.setting {
            let (runtime, spec, script_hole, secret) = (runtime(), hidden("spec"), hole(script), script.marks.secret);
            code.statement(quote!(#runtime::shell_script(&mut *#spec, #script_hole, #secret);));
        }
    }
}

fn timeout(code: &mut Code, timeout: &Timeout) {
    let (runtime, spec, after) = (runtime(), hidden("spec"), &timeout.after);
    let absent = quote!(::core::option::Option::None);
    let signal = match timeout.signal.as_ref().filter(|signal| settings::is_known(signal, SIGNALS)) {
        Some(signal) => quote!(::core::option::Option::Some(#runtime::signals::#signal)),
        None => absent.clone(),
    };
    let grace = timeout.grace.as_ref().map_or(absent, |grace| quote!(#runtime::grace(#grace)));
    code.statement(quote!(#runtime::timeout(&mut *#spec, #after, #signal, #grace);));
}

fn status(code: &mut Code, status: &Status) {
    match &status.what {
        Accepted::Success => code.stretch.bare(Opcode::AcceptSuccess),
        Accepted::Code => code.stretch.bare(Opcode::AcceptCode),
        Accepted::Raw => code.stretch.bare(Opcode::AcceptRaw),
        Accepted::Codes(codes) => {
            let (runtime, spec) = (runtime(), hidden("spec"));
            // Invalid codes were reported: without them, rustc adds no error.
            let codes = codes.iter().filter(|code| can_be_exit_code(code));
            code.statement(quote!(#runtime::accept(&mut *#spec, &[#(#codes),*]);));
        }
    }
}

/// The type of the status in `Output`. Its path has the user's identifier, so that an editor finds its documentation.
fn status_type(status: &Status) -> TokenStream {
    let (runtime, mut word) = (runtime(), status.word.clone());
    if matches!(status.what, Accepted::Codes(_)) {
        word = Ident::new("code", word.span());
    }
    quote!(#runtime::status::#word)
}
