//! The parser: tokens → the tree of a declaration. It reports a part that it cannot read, skips it and continues, so
//! that one compilation shows every mistake.

pub(crate) mod args;
pub(crate) mod env;
mod expr;
pub(crate) mod fd_names;
pub(crate) mod fds;
pub(crate) mod format;
pub(crate) mod marks;
mod recover;
pub(crate) mod settings;
pub(crate) mod spelled;
pub(crate) mod spread;
pub(crate) mod status;
pub(crate) mod stdio;
pub(crate) mod timeout;
pub(crate) mod together;
pub(crate) mod value;

use crate::language::words::{self, Key, Stream};
use crate::report::{Report, with_help};
use crate::suggest;
use args::Item;
use env::Environment;
use fds::Passed;
use proc_macro2::{Punct, Spacing, Span, TokenStream, TokenTree};
use settings::Process;
use status::Status;
use stdio::Kind;
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, Ident, Result, Token};
use timeout::Timeout;
use value::Value;

/// The tokens of `command!`, parsed.
pub(crate) struct Declaration {
    pub(crate) program: Program,
    pub(crate) entries: Vec<Entry>,
}

pub(crate) enum Program {
    /// Missing or invalid, which was reported.
    Missing,
    Path(Value),
    /// `..base`: extends another command.
    Base(Expr),
}

pub(crate) struct Entry {
    pub(crate) key: Ident,
    pub(crate) setting: Setting,
}

pub(crate) enum Setting {
    Args(Vec<Item>),
    Argv0(Value),
    Env(Environment),
    Cwd(Cwd),
    Umask(Expr),
    Stream(Stream, Kind),
    Stdio(Kind),
    Status(Status),
    Timeout(Timeout),
    Process(Process),
    Fds(Vec<Passed>),
    ShellScript(Value),
}

/// `cwd: path`, `cwd: fd(dir)`.
pub(crate) enum Cwd {
    Path(Value),
    Fd(Expr),
}

/// Parses a declaration, and reports mistakes to `report`.
pub(crate) fn declaration(tokens: TokenStream, report: &mut Report) -> Declaration {
    let mut declaration = Declaration { program: Program::Missing, entries: Vec::new() };
    if tokens.is_empty() {
        report.push(Error::new(Span::call_site(), missing_program()));
        return declaration;
    }
    let read = |input: ParseStream<'_>| {
        let mut first = true;
        recover::each(input, report, |input, report| {
            if std::mem::take(&mut first) && !at_key(input) {
                // An invalid program is reported; the placeholder avoids further errors.
                declaration.program = Program::Path(Value::placeholder());
                declaration.program = program(input)?;
                return Ok(());
            }
            if declaration.entries.is_empty() && matches!(declaration.program, Program::Missing) {
                let key = input.fork().call(Ident::parse_any)?;
                report.error_with_help(key, "missing program", PROGRAM_FORMS);
                // Reported once: the placeholder avoids further errors.
                declaration.program = Program::Path(Value::placeholder());
            }
            if let Some(entry) = entry(input, report)? {
                declaration.entries.push(entry);
            }
            Ok(())
        })
    };
    if let Err(error) = read.parse2(with_final_comma(tokens)) {
        report.push(error);
    }
    declaration
}

/// Adds a final comma with the span of the last token. An error about a missing end then points at that token instead
/// of the whole declaration.
fn with_final_comma(tokens: TokenStream) -> TokenStream {
    let mut tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
    if let Some(last) = tokens.last().filter(|last| !is_comma(last)) {
        let mut comma = Punct::new(',', Spacing::Alone);
        comma.set_span(last.span());
        tokens.push(comma.into());
    }
    tokens.into_iter().collect()
}

/// Parses the list of `args!`.
pub(crate) fn arguments(tokens: TokenStream, report: &mut Report) -> Vec<Item> {
    let read = |input: ParseStream<'_>| args::items(input, report);
    read.parse2(tokens).unwrap_or_else(|error| {
        report.push(error);
        Vec::new()
    })
}

const PROGRAM_FORMS: &str =
    "write its path or name first, as in `\"/usr/bin/dnsmasq\",`, or `..base,` to extend another command";

fn missing_program() -> String {
    with_help("missing program", PROGRAM_FORMS)
}

fn program(input: ParseStream<'_>) -> Result<Program> {
    if input.peek(Token![..]) {
        input.parse::<Token![..]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(input.error("expected a command to extend after `..`"));
        }
        return Ok(Program::Base(input.parse()?));
    }
    Ok(Program::Path(Value::from_expr(input.parse()?)?))
}

/// Whether the next tokens are a key: an identifier followed by `:` or `=`.
fn at_key(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Ident::parse_any).is_ok()
        && ((ahead.peek(Token![:]) && !ahead.peek(Token![::])) || (ahead.peek(Token![=]) && !ahead.peek(Token![==])))
}

fn entry(input: ParseStream<'_>, report: &mut Report) -> Result<Option<Entry>> {
    if input.peek(Token![..]) {
        let base: Expr = input.parse()?;
        return Err(Error::new_spanned(
            base,
            with_help(
                "`..base` must come first",
                "write it in place of the program: `command! { ..base, args: [\"--more\"] }`",
            ),
        ));
    }
    let Ok(key) = input.call(Ident::parse_any) else {
        return Err(input.error(with_help("expected a key", "arguments go in a list: `args: [\"--version\"]`")));
    };
    let Some(known) = words::key(&key.to_string()) else {
        let names: Vec<_> = words::key_names().collect();
        report.error_with_help(&key, format!("unknown key `{key}`"), suggest::help(&key.to_string(), &names));
        recover::skip_entry(input);
        return Ok(None);
    };
    if known.is_flag() {
        let flag = settings::flag(known, &key, input)?;
        recover::no_value(&key, input)?;
        return Ok(Some(Entry { key, setting: Setting::Process(flag) }));
    }
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
    } else {
        let value = if known == Key::Descendants { "kill" } else { "…" };
        let help = format!("write `{key}: {value}`");
        return Err(Error::new_spanned(&key, with_help(format!("`{key}` needs a value"), help)));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new_spanned(&key, format!("`{key}` needs a value")));
    }
    let setting = match known {
        Key::Args => Setting::Args(args::list(input, report)?),
        Key::Argv0 => Setting::Argv0(Value::from_expr(input.parse()?)?),
        Key::Env => Setting::Env(env::environment(input, report)?),
        Key::Cwd => cwd(&key, input)?,
        Key::Umask => Setting::Umask(input.parse()?),
        Key::Stdin => Setting::Stream(Stream::Stdin, stdio::kind(input, Stream::Stdin)?),
        Key::Stdout => Setting::Stream(Stream::Stdout, stdio::kind(input, Stream::Stdout)?),
        Key::Stderr => Setting::Stream(Stream::Stderr, stdio::kind(input, Stream::Stderr)?),
        Key::Stdio => Setting::Stdio(stdio::all_three(input)?),
        Key::Status => Setting::Status(status::status(input)?),
        Key::Timeout => Setting::Timeout(timeout::timeout(input)?),
        Key::Fds => Setting::Fds(fds::list(input, report)?),
        Key::ShellScript => Setting::ShellScript(Value::from_expr(input.parse()?)?),
        other => Setting::Process(settings::setting(other, &key, input)?),
    };
    Ok(Some(Entry { key, setting }))
}

fn cwd(key: &Ident, input: ParseStream<'_>) -> Result<Setting> {
    let expr = input.parse()?;
    Ok(match expr::is_call(&expr, "fd") {
        true => Setting::Cwd(Cwd::Fd(settings::descriptor(expr, key)?)),
        false => Setting::Cwd(Cwd::Path(Value::from_expr(expr)?)),
    })
}
