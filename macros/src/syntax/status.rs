//! The accepted exit statuses: `status: success`, `success(0, 4)`, `code`, `raw`.

use crate::language::words::STATUSES;
use crate::report::with_help;
use crate::suggest;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, Expr, ExprLit, Ident, Lit, Result};

pub(crate) struct Status {
    pub(crate) word: Ident,
    pub(crate) what: Accepted,
}

pub(crate) enum Accepted {
    /// `success`: exit code 0.
    Success,
    /// `success(0, 4)`: any of these exit codes, returned.
    Codes(Vec<Expr>),
    /// `code`: any exit code, returned.
    Code,
    /// `raw`: any wait status, returned.
    Raw,
}

pub(super) fn status(input: ParseStream<'_>) -> Result<Status> {
    let (func, codes) = match input.parse()? {
        Expr::Call(call) => (*call.func, Some(call.args)),
        other => (other, None),
    };
    let word = match &func {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(word) = word else { return Err(not_a_status(func)) };
    let what = match (word.to_string().as_str(), codes) {
        ("success", None) => Accepted::Success,
        ("success", Some(codes)) if !codes.is_empty() => Accepted::Codes(codes.into_iter().collect()),
        ("success", Some(_)) => {
            return Err(Error::new_spanned(word, "`success(…)` needs at least one exit code"));
        }
        ("code", None) => Accepted::Code,
        ("raw", None) => Accepted::Raw,
        ("code" | "raw", Some(codes)) => {
            return Err(Error::new_spanned(codes, format!("`{word}` takes no operand")));
        }
        _ => return Err(not_a_status(word)),
    };
    Ok(Status { word, what })
}

fn not_a_status(tokens: impl ToTokens) -> Error {
    let tokens = tokens.into_token_stream();
    let help = suggest::help(&tokens.to_string(), STATUSES);
    Error::new_spanned(tokens, with_help("expected `success`, `success(0, 4)`, `code` or `raw`", help))
}

/// Whether a literal fits an exit code, which has eight bits.
pub(crate) fn can_be_exit_code(code: &Expr) -> bool {
    match code {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u8>().is_ok(),
        Expr::Lit(_) | Expr::Unary(_) => false,
        _ => true,
    }
}
