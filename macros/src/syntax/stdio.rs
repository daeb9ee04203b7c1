//! The kinds of a stream: `null`, `buffer(max = n)`, `file(path)`, `if quiet { null } else { inherit }` …

use super::expr::{only_argument, ungroup};
use super::value::Value;
use crate::language::words::Stream;
use crate::report::with_help;
use crate::suggest;
use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Block, Error, Expr, ExprCall, Ident, Pat, Result, Stmt};

pub(crate) struct Kind {
    /// The identifier of the user, for its span and for go-to-definition.
    pub(crate) word: Ident,
    pub(crate) what: What,
}

pub(crate) enum What {
    Null,
    Inherit,
    Log,
    /// Bytes fed to stdin.
    Input(Expr),
    Buffer {
        max: Option<Expr>,
    },
    Text {
        max: Option<Expr>,
    },
    FileBuffer {
        max: Option<Expr>,
    },
    File(Value),
    Append(Value),
    Fd(Expr),
    Pipe {
        nonblocking: bool,
    },
    /// A callback for each line or record.
    Pieces {
        pieces: Pieces,
        call: Expr,
    },
    /// `stderr: stdout`.
    Merged,
    /// A choice made at run time between kinds that return nothing.
    Choice(Choice),
}

pub(crate) enum Pieces {
    /// `lines(f)`, `lines(f, strict)`.
    Lines { strict: bool },
    /// `split(byte, f)`.
    Records { separator: Expr },
}

pub(crate) enum Choice {
    If { condition: Expr, then: Box<Kind>, otherwise: Box<Kind> },
    Match { on: Expr, arms: Vec<(Pat, Kind)> },
}

impl Kind {
    /// Whether `run` serves it: reads or writes its pipe while the program runs.
    pub(crate) fn is_served(&self) -> bool {
        matches!(
            self.what,
            What::Input(_)
                | What::Buffer { .. }
                | What::FileBuffer { .. }
                | What::Text { .. }
                | What::Pieces { .. }
                | What::Log
        )
    }

    /// Whether it is, or may choose, a descriptor.
    pub(crate) fn holds_fd(&self) -> bool {
        match &self.what {
            What::Fd(_) => true,
            What::Choice(Choice::If { then, otherwise, .. }) => then.holds_fd() || otherwise.holds_fd(),
            What::Choice(Choice::Match { arms, .. }) => arms.iter().any(|(_, kind)| kind.holds_fd()),
            _ => false,
        }
    }
}

pub(super) fn kind(input: ParseStream<'_>, stream: Stream) -> Result<Kind> {
    read(input.parse()?, stream)
}

/// `stdio: inherit` or `stdio: null`, short for all three streams.
pub(super) fn all_three(input: ParseStream<'_>) -> Result<Kind> {
    let expr: Expr = input.parse()?;
    let shown = expr.to_token_stream();
    match read(expr, Stream::Stdout) {
        Ok(kind) if matches!(kind.what, What::Null | What::Inherit) => Ok(kind),
        _ => Err(Error::new_spanned(
            shown,
            with_help(
                "expected `inherit` or `null`",
                "declare any other kind for one stream: `stdin`, `stdout` or `stderr`",
            ),
        )),
    }
}

fn read(expr: Expr, stream: Stream) -> Result<Kind> {
    match ungroup(expr) {
        Expr::Path(path) => match path.path.get_ident() {
            Some(word) => bare(word.clone(), stream),
            None => Err(not_a_kind(path, stream)),
        },
        Expr::Call(call) => with_operand(call, stream),
        Expr::If(branch) => {
            let word = Ident::new("direct", branch.if_token.span);
            let Some((_, otherwise)) = branch.else_branch else {
                return Err(Error::new_spanned(
                    branch,
                    with_help(
                        "a choice between stream kinds needs an `else`",
                        "write `if c { inherit } else { null }`",
                    ),
                ));
            };
            let then = Box::new(choice_of_block(branch.then_branch, stream)?);
            let otherwise = Box::new(choice(*otherwise, stream)?);
            Ok(Kind { word, what: What::Choice(Choice::If { condition: *branch.cond, then, otherwise }) })
        }
        Expr::Match(branch) => {
            let word = Ident::new("direct", branch.match_token.span);
            let mut arms = Vec::new();
            for arm in branch.arms {
                arms.push((arm.pat, choice(*arm.body, stream)?));
            }
            Ok(Kind { word, what: What::Choice(Choice::Match { on: *branch.expr, arms }) })
        }
        other => Err(not_a_kind(other, stream)),
    }
}

fn choice(expr: Expr, stream: Stream) -> Result<Kind> {
    match ungroup(expr) {
        Expr::Block(inner) => choice_of_block(inner.block, stream),
        other => {
            let kind = read(other, stream)?;
            match kind.what {
                What::Null | What::Inherit | What::File(_) | What::Append(_) | What::Fd(_) | What::Choice(_) => {
                    Ok(kind)
                }
                _ => Err(Error::new_spanned(
                    &kind.word,
                    with_help(
                        format!("`{}` cannot be chosen at run time", kind.word),
                        "choose between kinds that return nothing: `null`, `inherit`, `file`, `append`, `fd`",
                    ),
                )),
            }
        }
    }
}

fn choice_of_block(block: Block, stream: Stream) -> Result<Kind> {
    let shown = block.to_token_stream();
    let mut statements = block.stmts.into_iter();
    match (statements.next(), statements.next()) {
        (Some(Stmt::Expr(expr, None)), None) => choice(expr, stream),
        _ => Err(Error::new_spanned(shown, format!("expected one stream kind for `{}`", stream.name()))),
    }
}

fn bare(word: Ident, stream: Stream) -> Result<Kind> {
    known(&word, stream)?;
    let what = match word.to_string().as_str() {
        "null" => What::Null,
        "inherit" => What::Inherit,
        "log" => What::Log,
        "buffer" if stream != Stream::Stdin => What::Buffer { max: None },
        "text" => What::Text { max: None },
        "file_buffer" => What::FileBuffer { max: None },
        "stdout" => What::Merged,
        "pipe" => What::Pipe { nonblocking: false },
        "lines" | "split" => {
            let form = if word == "lines" { "lines(|line| …)" } else { "split(0, |record| …)" };
            return Err(Error::new_spanned(
                &word,
                with_help(format!("`{word}` needs a callback"), format!("write `{form}`")),
            ));
        }
        needs_operand => {
            let operand = match needs_operand {
                "buffer" => "bytes",
                "fd" => "file",
                _ => "path",
            };
            return Err(Error::new_spanned(
                &word,
                with_help(format!("`{word}` needs an operand"), format!("write `{word}({operand})`")),
            ));
        }
    };
    Ok(Kind { word, what })
}

fn with_operand(call: ExprCall, stream: Stream) -> Result<Kind> {
    let word = match &*call.func {
        Expr::Path(path) => path.path.get_ident().cloned(),
        _ => None,
    };
    let Some(word) = word else { return Err(not_a_kind(call, stream)) };
    known(&word, stream)?;
    let (name, call) = (word.to_string(), Expr::Call(call));
    let what = match name.as_str() {
        "buffer" if stream == Stream::Stdin => What::Input(only_argument(call, &name)?),
        "buffer" => What::Buffer { max: Some(max(call, &name)?) },
        "text" => What::Text { max: Some(max(call, &name)?) },
        "file_buffer" => What::FileBuffer { max: Some(max(call, &name)?) },
        "file" => What::File(Value::from_expr(only_argument(call, &name)?)?),
        "append" => What::Append(Value::from_expr(only_argument(call, &name)?)?),
        "fd" => What::Fd(only_argument(call, &name)?),
        "pipe" => nonblocking(only_argument(call, &name)?)?,
        "lines" => lines(call)?,
        "split" => split(call)?,
        _ => return Err(Error::new_spanned(call, format!("`{word}` takes no operand"))),
    };
    Ok(Kind { word, what })
}

/// `pipe(nonblocking)`.
fn nonblocking(word: Expr) -> Result<What> {
    match &word {
        Expr::Path(path) if path.path.is_ident("nonblocking") => Ok(What::Pipe { nonblocking: true }),
        _ => Err(Error::new_spanned(word, with_help("expected `nonblocking`", "write `pipe` or `pipe(nonblocking)`"))),
    }
}

/// `lines(f)`, `lines(f, strict)`.
fn lines(call: Expr) -> Result<What> {
    let shown = call.to_token_stream();
    if let Expr::Call(call) = call {
        let mut operands = call.args.into_iter();
        match (operands.next(), operands.next(), operands.next()) {
            (Some(call), None, None) => return Ok(What::Pieces { pieces: Pieces::Lines { strict: false }, call }),
            (Some(call), Some(Expr::Path(word)), None) if word.path.is_ident("strict") => {
                return Ok(What::Pieces { pieces: Pieces::Lines { strict: true }, call });
            }
            (Some(_), Some(Expr::Path(word)), None) if word.path.get_ident().is_some() => {
                let name = word.to_token_stream().to_string();
                let message = format!("unknown option `{name}` of `lines`");
                return Err(Error::new_spanned(word, with_help(message, suggest::help(&name, &["strict"]))));
            }
            _ => {}
        }
    }
    Err(Error::new_spanned(
        shown,
        with_help(
            "`lines` takes a callback and, optionally, `strict`",
            "write `lines(|line| …)`, or `lines(|line| …, strict)` to fail on invalid UTF-8",
        ),
    ))
}

/// `split(byte, f)`.
fn split(call: Expr) -> Result<What> {
    let shown = call.to_token_stream();
    if let Expr::Call(call) = call {
        let mut operands = call.args.into_iter();
        if let (Some(separator), Some(call), None) = (operands.next(), operands.next(), operands.next()) {
            return Ok(What::Pieces { pieces: Pieces::Records { separator }, call });
        }
    }
    Err(Error::new_spanned(
        shown,
        with_help("`split` takes the byte that ends a record and a callback", "write `split(0, |record| …)`"),
    ))
}

/// The bound of `buffer(max = n)`.
fn max(call: Expr, word: &str) -> Result<Expr> {
    let shown = call.to_token_stream();
    if let Expr::Assign(bound) = only_argument(call, word)?
        && matches!(&*bound.left, Expr::Path(path) if path.path.is_ident("max"))
    {
        return Ok(*bound.right);
    }
    Err(Error::new_spanned(
        shown,
        with_help(format!("`{word}` takes only a bound"), format!("write `{word}(max = 1 << 20)`, in bytes")),
    ))
}

/// Requires `word` to be a kind of `stream`.
fn known(word: &Ident, stream: Stream) -> Result<()> {
    let (name, text) = (stream.name(), word.to_string());
    if !stream.kinds().contains(&text.as_str()) {
        let message = match text.as_str() {
            "stderr" if stream == Stream::Stdout => {
                with_help("`stdout` cannot be `stderr`", "write `stderr: stdout`, which merges the two")
            }
            kind if Stream::Stdout.kinds().contains(&kind) => {
                let kinds = suggest::list(stream.kinds());
                with_help(format!("`{name}` cannot be `{word}`"), format!("valid here: {kinds}"))
            }
            kind => {
                let help = suggest::help(kind, stream.kinds());
                with_help(format!("unknown stream kind `{word}` for `{name}`"), help)
            }
        };
        return Err(Error::new_spanned(word, message));
    }
    Ok(())
}

fn not_a_kind(tokens: impl ToTokens, stream: Stream) -> Error {
    let tokens: TokenStream = tokens.into_token_stream();
    let kinds = suggest::list(stream.kinds());
    let message = format!("invalid stream kind for `{}`", stream.name());
    Error::new_spanned(tokens, with_help(message, format!("valid here: {kinds}")))
}
