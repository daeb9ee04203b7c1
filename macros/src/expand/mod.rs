//! The tree → calls on the runtime.
//!
//! A stretch without control flow becomes one call: a constant byte string and a slice of computed values. What cannot
//! be in a stretch (a branch, a spread, something that is moved) is a statement between two of them.

mod args;
mod env;
mod fds;
pub(crate) mod hints;
mod process;
mod stdio;
mod stretch;

use crate::check::status::can_be_exit_code;
use crate::check::stdio::cannot_run;
use crate::language::words::SIGNALS;
use crate::syntax::args::Item;
use crate::syntax::status::{Accepted, Status};
use crate::syntax::timeout::Timeout;
use crate::syntax::value::{Source, Value};
use crate::syntax::{Declaration, Entry, Program, Setting};
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use stdio::Streams;
use stretch::{Op, Stretch};
use syn::{Expr, ExprLit, Lit};

/// The module of the runtime that expansions call: it carries the version of the pair, so that a runtime of another
/// version is told apart at once.
fn runtime() -> TokenStream {
    let version = concat!(
        "__",
        env!("CARGO_PKG_VERSION_MAJOR"),
        "_",
        env!("CARGO_PKG_VERSION_MINOR"),
        "_",
        env!("CARGO_PKG_VERSION_PATCH")
    );
    let version = Ident::new(version, Span::call_site());
    quote!(::airtight::#version)
}

/// A name that the user's own expressions cannot see.
fn hidden(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

pub(crate) fn declaration(declaration: &Declaration) -> TokenStream {
    let runtime = runtime();
    let mut code = Code::default();
    let mut streams = Streams::new(cannot_run(&declaration.entries));
    let mut prelude = missing_numbers(&declaration.entries);
    if let Program::Path(path) = &declaration.program {
        code.text(Op::Program, path);
    }
    shell_script(&mut code, &declaration.entries);
    for entry in &declaration.entries {
        match &entry.setting {
            Setting::Args(items) => args::items(&mut code, items),
            Setting::Argv0(value) => code.text(Op::Argv0, value),
            Setting::Env(environment) => env::environment(&mut code, environment),
            Setting::Cwd(path) => code.text(Op::Cwd, path),
            Setting::Umask(mask) => umask(&mut code, mask),
            Setting::Stream(stream, kind) => streams.one(&mut code, *stream, kind),
            Setting::Stdio(kind) => streams.all(&mut code, kind),
            Setting::Status(accepted) => status(&mut code, accepted),
            Setting::Timeout(given) => timeout(&mut code, given),
            // Before the arguments, wherever it was written.
            Setting::ShellScript(_) => {}
            Setting::Process(setting) => process::process(&mut code, &mut streams, setting),
            Setting::Fds(passed) => {
                prelude.extend(fds::prelude(passed));
                fds::moved(&mut streams, passed);
            }
        }
    }
    process::ids(&mut code, &declaration.entries);
    let status_type = declaration.entries.iter().find_map(|entry| match &entry.setting {
        Setting::Status(status) => Some(status_type(status)),
        _ => None,
    });
    if let Program::Base(base) = &declaration.program {
        return after(&prelude, from_base(base, code, &streams, status_type));
    }
    let types = streams.types(status_type);
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
    after(&prelude, streams.with_moved(command))
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

/// An expression behind statements.
fn after(statements: &TokenStream, expression: TokenStream) -> TokenStream {
    match statements.is_empty() {
        true => expression,
        false => quote!({ #statements #expression }),
    }
}

fn from_base(base: &Expr, code: Code, streams: &Streams, status_type: Option<TokenStream>) -> TokenStream {
    let (runtime, spec, command) = (runtime(), hidden("spec"), hidden("command"));
    let statements = code.into_statements();
    let retyped = streams.retyped(quote!(#command), status_type);
    let with_moved = streams.with_moved(retyped);
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

/// A sequence of stretches and statements, in the order in which they were written.
#[derive(Default)]
struct Code {
    statements: TokenStream,
    stretch: Stretch,
}

impl Code {
    /// An operation with a text, which is a literal or the next hole.
    fn text(&mut self, op: Op, value: &Value) {
        self.marks(value);
        match value.literal() {
            Some(bytes) => self.stretch.literal(op, bytes),
            None => self.stretch.computed(op, hole(value)),
        }
    }

    /// What the declaration asks for the value of the next operation.
    fn marks(&mut self, value: &Value) {
        if value.marks.secret {
            self.stretch.bare(Op::Secret);
        }
        if value.marks.verbatim {
            self.stretch.bare(Op::Verbatim);
        }
    }

    /// Something that stands between two stretches.
    fn statement(&mut self, statement: TokenStream) {
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

    fn into_statements(mut self) -> TokenStream {
        self.flush();
        self.statements
    }

    /// The one stretch that this is, or else its statements.
    fn into_one_stretch(self) -> Result<Stretch, TokenStream> {
        match self.statements.is_empty() {
            true => Ok(self.stretch),
            false => Err(self.into_statements()),
        }
    }
}

/// A reference to the text of a value; a constant's in a `const` block, which nothing but a constant can be read in.
fn hole(value: &Value) -> TokenStream {
    let (runtime, expr) = (runtime(), &value.expr);
    match &value.source {
        Source::Literal(bytes) => {
            let bytes = Literal::byte_string(bytes);
            quote!(#runtime::literal(#bytes))
        }
        Source::Constant => {
            let constant = quote_spanned!(first_span(expr)=> &const { #expr });
            quote!(#runtime::hole(#constant))
        }
        Source::Fd(name) => {
            let number = fds::number(name);
            quote!(#runtime::hole(&#number))
        }
        Source::Format(_) => {
            let formatted = fds::with_numbers(expr);
            let borrowed = quote_spanned!(first_span(expr)=> &#formatted);
            quote!(#runtime::hole(#borrowed))
        }
        Source::Computed => {
            let borrowed = borrowed(expr);
            quote!(#runtime::hole(#borrowed))
        }
    }
}

/// `&expr`, of which every token is at the user's place, so that rustc points there when the type is wrong.
fn borrowed(expr: &Expr) -> TokenStream {
    let binds_tighter = matches!(
        expr,
        Expr::Path(_)
            | Expr::Lit(_)
            | Expr::Call(_)
            | Expr::MethodCall(_)
            | Expr::Field(_)
            | Expr::Index(_)
            | Expr::Macro(_)
            | Expr::Reference(_)
            | Expr::Unary(_)
            | Expr::Try(_)
            | Expr::Await(_)
    );
    match binds_tighter {
        true => quote_spanned!(first_span(expr)=> &#expr),
        false => quote_spanned!(first_span(expr)=> &(#expr)),
    }
}

fn first_span(expr: &Expr) -> Span {
    expr.to_token_stream().into_iter().next().map_or_else(Span::call_site, |token| token.span())
}

fn umask(code: &mut Code, mask: &Expr) {
    match mask {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => {
            let bits = number.base10_parse::<u32>().unwrap_or_default();
            code.stretch.literal(Op::Umask, format!("{bits:o}").as_bytes());
        }
        // Reported as a mistake.
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
    let optional = |value: Option<TokenStream>| match value {
        Some(value) => quote!(::core::option::Option::Some(#value)),
        None => quote!(::core::option::Option::None),
    };
    let signal = timeout.signal.as_ref().filter(|signal| process::is_known(signal, SIGNALS));
    let signal = optional(signal.map(|signal| quote!(#runtime::signals::#signal)));
    let grace = optional(timeout.grace.as_ref().map(|grace| quote!(#grace)));
    code.statement(quote!(#runtime::timeout(&mut *#spec, #after, #signal, #grace);));
}

fn status(code: &mut Code, status: &Status) {
    match &status.what {
        Accepted::Success => code.stretch.bare(Op::AcceptSuccess),
        Accepted::Code => code.stretch.bare(Op::AcceptCode),
        Accepted::Raw => code.stretch.bare(Op::AcceptRaw),
        Accepted::Codes(codes) => {
            let (runtime, spec) = (runtime(), hidden("spec"));
            // Those that cannot be were reported: rustc has nothing to add.
            let codes = codes.iter().filter(|code| can_be_exit_code(code));
            code.statement(quote!(#runtime::accept(&mut *#spec, &[#(#codes),*]);));
        }
    }
}

/// The type that carries what `Output` returns of the status; the word is the user's, so that an editor finds it.
fn status_type(status: &Status) -> TokenStream {
    let (runtime, mut word) = (runtime(), status.word.clone());
    if matches!(status.what, Accepted::Codes(_)) {
        word = Ident::new("code", word.span());
    }
    quote!(#runtime::status::#word)
}
