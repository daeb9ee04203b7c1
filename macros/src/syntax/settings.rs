//! Keys that set identity, privileges, limits, session and labels.

use super::expr::{is_call, only_argument, ungroup};
use super::value::Value;
use crate::language::words::{DESCENDANTS, Form, Key};
use crate::report::with_help;
use crate::suggest;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Error, Expr, ExprUnsafe, Ident, Result, Token, bracketed, parenthesized, token};

pub(crate) enum Process {
    /// A key of a plain form, which `words!` gives it.
    Flag(Key),
    Number(Key, Expr),
    Text(Key, Value),
    Fd(Key, Expr),
    /// `caps: keep(…)`, or `clear`, which keeps none.
    Caps(Vec<Ident>),
    /// `uid`, `gid` or `groups`: [`together::ids`](super::together::ids) has the three.
    Id(Key, Expr),
    Limits(Vec<Limit>),
    Pdeathsig(Ident),
    Cpus(Expr),
    LeadsGroup,
    Session {
        terminal: bool,
    },
    Descendants {
        kill: bool,
    },
    SchedCoreNew,
    SchedCoreShare(Expr),
    Daemonize,
    Handshake,
    Pidfile(Value),
    /// `pre_exec: unsafe { f }`.
    PreExec(ExprUnsafe),
}

/// `nofile = 1024`, or `nofile = (soft, hard)`.
pub(crate) struct Limit {
    pub(crate) name: Ident,
    pub(crate) soft: Expr,
    /// As the soft one where absent.
    pub(crate) hard: Option<Expr>,
}

/// A key that may stand alone.
pub(super) fn flag(key: Key, word: &Ident, input: ParseStream<'_>) -> Result<Process> {
    if input.peek(token::Paren) {
        let content;
        parenthesized!(content in input);
        let operand = content.parse::<TokenStream>()?;
        return match key {
            Key::Session if operand.to_string() == "terminal" => Ok(Process::Session { terminal: true }),
            Key::Session => Err(Error::new_spanned(
                operand,
                with_help("expected `terminal`", "write `session` or `session(terminal)`"),
            )),
            _ => Err(Error::new_spanned(word, format!("`{word}` takes no operand"))),
        };
    }
    Ok(match key {
        Key::Daemonize => Process::Daemonize,
        Key::Handshake => Process::Handshake,
        Key::ProcessGroup => Process::LeadsGroup,
        Key::Session => Process::Session { terminal: false },
        plain => Process::Flag(plain),
    })
}

pub(super) fn setting(key: Key, word: &Ident, input: ParseStream<'_>) -> Result<Process> {
    Ok(match key.form() {
        Form::Number => Process::Number(key, input.parse()?),
        Form::Text => Process::Text(key, Value::from_expr(input.parse()?)?),
        Form::Fd => Process::Fd(key, descriptor(input.parse()?, word)?),
        Form::Flag | Form::Own | Form::OwnFlag => own(key, input)?,
    })
}

fn own(key: Key, input: ParseStream<'_>) -> Result<Process> {
    Ok(match key {
        Key::Limits => Process::Limits(limits(input)?),
        Key::Caps => Process::Caps(caps(input.parse()?)?),
        Key::Pdeathsig => Process::Pdeathsig(word_of(&input.parse()?, "a signal", "write `pdeathsig: SIGTERM`")?),
        Key::PreExec => Process::PreExec(unsafe_block(input.parse()?)?),
        Key::Pidfile => Process::Pidfile(Value::from_expr(input.parse()?)?),
        Key::Uid | Key::Gid | Key::Groups => Process::Id(key, input.parse()?),
        Key::Cpus => Process::Cpus(input.parse()?),
        Key::Descendants => descendants(&input.parse()?)?,
        _ => sched_core(input.parse()?)?,
    })
}

/// `fd(&f)`, `fd(f)`.
pub(super) fn descriptor(expr: Expr, word: &Ident) -> Result<Expr> {
    match is_call(&expr, "fd") {
        true => only_argument(expr, "fd"),
        false => Err(Error::new_spanned(
            expr,
            with_help(format!("`{word}` takes a descriptor"), format!("write `{word}: fd(&file)`")),
        )),
    }
}

fn unsafe_block(expr: Expr) -> Result<ExprUnsafe> {
    match expr {
        Expr::Unsafe(block) => Ok(block),
        other => Err(Error::new_spanned(
            other,
            with_help(
                "`pre_exec` runs between fork and exec, where only async-signal-safe calls are sound",
                "write `pre_exec: unsafe { closure }` if the closure makes only such calls",
            ),
        )),
    }
}

fn limits(input: ParseStream<'_>) -> Result<Vec<Limit>> {
    if !input.peek(token::Bracket) {
        let expr: Expr = input.parse()?;
        return Err(Error::new_spanned(
            expr,
            with_help("`limits` takes a list", "write `limits: [nofile = 1024, core = 0]`"),
        ));
    }
    let content;
    bracketed!(content in input);
    let limits = Punctuated::<Limit, Token![,]>::parse_terminated_with(&content, limit);
    content.parse::<TokenStream>()?;
    Ok(limits?.into_iter().collect())
}

fn limit(input: ParseStream<'_>) -> Result<Limit> {
    let name = input.call(Ident::parse_any)?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else {
        input.parse::<Token![=]>()?;
    }
    match ungroup(input.parse()?) {
        Expr::Tuple(both) if both.elems.len() == 2 => {
            let mut both = both.elems.into_iter();
            match (both.next(), both.next()) {
                (Some(soft), hard) => Ok(Limit { name, soft, hard }),
                (None, _) => Err(Error::new_spanned(name, "a limit needs a value")),
            }
        }
        Expr::Tuple(other) => {
            Err(Error::new_spanned(other, with_help("expected one number or two", "write `nofile = (soft, hard)`")))
        }
        soft => Ok(Limit { name, soft, hard: None }),
    }
}

fn caps(expr: Expr) -> Result<Vec<Ident>> {
    const HELP: &str = "write `caps: clear`, or `caps: keep(NET_ADMIN, NET_RAW)`";
    match expr {
        Expr::Path(path) if path.path.is_ident("clear") => Ok(Vec::new()),
        expr if is_call(&expr, "keep") => match expr {
            Expr::Call(call) => call.args.into_iter().map(|name| word_of(&name, "a capability", HELP)).collect(),
            other => Err(Error::new_spanned(other, HELP)),
        },
        other => Err(Error::new_spanned(other, with_help("expected `clear` or `keep(…)`", HELP))),
    }
}

pub(super) fn word_of(expr: &Expr, what: &str, help: &str) -> Result<Ident> {
    match expr {
        Expr::Path(path) if path.path.get_ident().is_some() => Ok(path.path.require_ident()?.clone()),
        _ => Err(Error::new_spanned(expr, with_help(format!("expected the name of {what}"), help))),
    }
}

fn descendants(expr: &Expr) -> Result<Process> {
    match expr {
        Expr::Path(path) if path.path.is_ident("kill") => Ok(Process::Descendants { kill: true }),
        Expr::Path(path) if path.path.is_ident("leave") => Ok(Process::Descendants { kill: false }),
        other => {
            let help = suggest::help(&other.to_token_stream().to_string(), DESCENDANTS);
            Err(Error::new_spanned(other, with_help("expected `kill` or `leave`", help)))
        }
    }
}

fn sched_core(expr: Expr) -> Result<Process> {
    match expr {
        Expr::Path(path) if path.path.is_ident("new") => Ok(Process::SchedCoreNew),
        expr if is_call(&expr, "share") => Ok(Process::SchedCoreShare(only_argument(expr, "share")?)),
        other => Err(Error::new_spanned(
            other,
            with_help("expected `new` or `share(pid)`", "write `sched_core: new` for a group of its own"),
        )),
    }
}
