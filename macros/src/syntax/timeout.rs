//! The time limit of the program: `timeout: d`, `timeout: after(d, signal = SIGINT, grace = g)`.

use super::expr::is_call;
use super::settings::word_of;
use crate::report::with_help;
use crate::suggest;
use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Expr, ExprAssign, Ident, Result, Token};

pub(crate) struct Timeout {
    pub(crate) after: Expr,
    /// If absent, SIGTERM.
    pub(crate) signal: Option<Ident>,
    /// The time between the signal and SIGKILL.
    pub(crate) grace: Option<Expr>,
}

const HELP: &str = "write `after(Duration::from_secs(30), signal = SIGINT, grace = Duration::from_secs(5))`; `signal` \
    and `grace` are optional";

pub(super) fn timeout(input: ParseStream<'_>) -> Result<Timeout> {
    if let Some(option) = option_with_colon(input) {
        let message = format!("expected `=` after `{option}`");
        return Err(Error::new_spanned(option, with_help(message, HELP)));
    }
    let expr: Expr = input.parse()?;
    if !is_call(&expr, "after") {
        return Ok(Timeout { after: expr, signal: None, grace: None });
    }
    let shown = expr.to_token_stream();
    let Expr::Call(call) = expr else { return Err(Error::new_spanned(shown, HELP)) };
    let mut operands = call.args.into_iter();
    let after = operands.next().filter(|first| !matches!(first, Expr::Assign(_)));
    let Some(after) = after else {
        return Err(Error::new_spanned(shown, with_help("expected a duration as the first operand of `after`", HELP)));
    };
    let mut timeout = Timeout { after, signal: None, grace: None };
    for operand in operands {
        match operand {
            Expr::Assign(option) => timeout.set(option)?,
            other => return Err(Error::new_spanned(other, with_help("`after` takes one duration", HELP))),
        }
    }
    Ok(timeout)
}

/// The option in `after(d, signal: SIGINT)`, which is not an expression.
fn option_with_colon(input: ParseStream<'_>) -> Option<Ident> {
    let ahead = input.fork();
    let is_after = ahead.parse::<Ident>().is_ok_and(|word| word == "after");
    let operands: TokenStream = ahead.parse::<Group>().ok().filter(|_| is_after)?.stream();
    let read = |operands: ParseStream<'_>| {
        let option = loop {
            if operands.peek(Ident) && operands.peek2(Token![:]) && !operands.peek2(Token![::]) {
                break Some(operands.parse::<Ident>()?);
            }
            if operands.parse::<TokenTree>().is_err() {
                break None;
            }
        };
        // The rest is not parsed.
        operands.parse::<TokenStream>().map(|_| option)
    };
    read.parse2(operands).ok().flatten()
}

impl Timeout {
    fn set(&mut self, ExprAssign { left, right, .. }: ExprAssign) -> Result<()> {
        let name = left.to_token_stream().to_string();
        let is_twice = match name.as_str() {
            "signal" => {
                let signal = word_of(&right, "a signal", "write `signal = SIGINT`")?;
                self.signal.replace(signal).is_some()
            }
            "grace" => self.grace.replace(*right).is_some(),
            _ => {
                let help = suggest::help(&name, &["signal", "grace"]);
                let message = format!("unknown option `{name}` of `after`");
                return Err(Error::new_spanned(left, with_help(message, help)));
            }
        };
        match is_twice {
            true => Err(Error::new_spanned(left, format!("`{name}` is specified more than once"))),
            false => Ok(()),
        }
    }
}
