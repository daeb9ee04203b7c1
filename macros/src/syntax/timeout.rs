//! How long the program may run: `timeout: d`, `timeout: after(d, grace = g)`.

use super::value::is_call;
use crate::report::with_help;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Error, Expr, Result};

pub(crate) struct Timeout {
    pub(crate) after: Expr,
    /// Between SIGTERM and SIGKILL.
    pub(crate) grace: Option<Expr>,
}

pub(super) fn timeout(input: ParseStream<'_>) -> Result<Timeout> {
    let expr: Expr = input.parse()?;
    if !is_call(&expr, "after") {
        return Ok(Timeout { after: expr, grace: None });
    }
    let shown = expr.to_token_stream();
    if let Expr::Call(call) = expr {
        let mut operands = call.args.into_iter();
        if let (Some(after), Some(Expr::Assign(grace)), None) = (operands.next(), operands.next(), operands.next())
            && matches!(&*grace.left, Expr::Path(path) if path.path.is_ident("grace"))
        {
            return Ok(Timeout { after, grace: Some(*grace.right) });
        }
    }
    let help = "write `after(Duration::from_secs(30), grace = Duration::from_secs(5))`";
    Err(Error::new_spanned(shown, with_help("`after` takes a time and a grace", help)))
}
