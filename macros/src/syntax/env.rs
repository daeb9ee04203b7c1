//! The terms of `env`, joined by `+` or in a list.

use super::expr::ungroup;
use super::recover;
use super::spread::Spread;
use super::value::Value;
use crate::language::words::ENV_TERMS;
use crate::report::{Report, with_help};
use crate::suggest;
use proc_macro2::{Spacing, TokenStream, TokenTree};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Result, Token, braced, bracketed, parenthesized, token};

pub(crate) struct Environment {
    pub(crate) terms: Vec<Term>,
}

pub(crate) enum Term {
    Inherit(Ident),
    Empty(Ident),
    PassCommon(Ident),
    /// `pass(A)`: the parent's value, if set.
    Pass(Name),
    /// `remove(A)`.
    Remove(Name),
    /// `NAME = value`.
    Set {
        name: Name,
        value: Value,
    },
    /// `"NAME=value"`, a literal or `format!`.
    Entry(Value),
    /// `xdg(base)`.
    Xdg(Value),
    /// `..pairs`.
    Pairs(Spread),
}

/// A variable's name, an identifier or a string in the source.
#[derive(Clone)]
pub(crate) struct Name {
    pub(crate) text: String,
    pub(crate) shown: TokenStream,
}

pub(super) fn environment(input: ParseStream<'_>, report: &mut Report) -> Result<Environment> {
    let mut terms = Vec::new();
    if input.peek(token::Bracket) {
        let content;
        bracketed!(content in input);
        recover::each(&content, report, |input, report| term(input, TermContext::List, &mut terms, report))?;
    } else {
        loop {
            if let Err(error) = term(input, TermContext::Sum, &mut terms, report) {
                report.push(error);
                recover::skip_to(input, |input| input.peek(Token![,]) || input.peek(Token![+]));
            }
            if !input.peek(Token![+]) {
                break;
            }
            input.parse::<Token![+]>()?;
        }
    }
    Ok(Environment { terms })
}

/// The context of a term, which decides where an expression in it ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum TermContext {
    List,
    Sum,
}

fn term(input: ParseStream<'_>, place: TermContext, terms: &mut Vec<Term>, report: &mut Report) -> Result<()> {
    if input.peek(Token![<]) {
        let content = angle_block(input)?;
        let read = |input: ParseStream<'_>| recover::each(input, report, |input, _| pair(input, terms));
        return read.parse2(content);
    }
    if input.peek(token::Brace) {
        let content;
        braced!(content in input);
        return recover::each(&content, report, |input, _| pair(input, terms));
    }
    if input.peek(Token![..]) {
        let dots = input.parse::<Token![..]>()?;
        let pairs = operand(input, place)?;
        if pairs.is_empty() {
            return Err(Error::new_spanned(dots, "expected a list of variables after `..`"));
        }
        terms.push(Term::Pairs(Spread::from_expr(syn::parse2(pairs)?)?));
        return Ok(());
    }
    if input.peek(LitStr) {
        if place == TermContext::List && input.peek2(Token![=]) {
            return pair(input, terms);
        }
        terms.push(Term::Entry(Value::from_expr(Expr::Lit(input.parse()?))?));
        return Ok(());
    }
    if input.peek(Ident::peek_any) {
        if place == TermContext::List && input.peek2(Token![=]) {
            return pair(input, terms);
        }
        if input.peek2(Token![!]) || input.peek2(Token![::]) {
            let value = Value::from_expr(syn::parse2(operand(input, place)?)?)?;
            terms.push(Term::Entry(value));
            return Ok(());
        }
        return named(input, terms);
    }
    Err(input.error(with_help("expected a term of `env`", forms())))
}

fn forms() -> String {
    let forms = ["{ NAME = value }", "\"NAME=value\"", "..pairs"];
    format!("valid here: {}", suggest::list(&[ENV_TERMS, &forms].concat()))
}

/// A term that begins with an identifier: `inherit`, `pass(A, B)`.
fn named(input: ParseStream<'_>, terms: &mut Vec<Term>) -> Result<()> {
    let word = input.call(Ident::parse_any)?;
    if !input.peek(token::Paren) {
        terms.push(bare(word)?);
        return Ok(());
    }
    let content;
    parenthesized!(content in input);
    let read = with_operands(&word, &content, terms);
    // Unread tokens would be reported a second time.
    content.parse::<TokenStream>()?;
    read
}

fn bare(word: Ident) -> Result<Term> {
    let help = match word.to_string().as_str() {
        "inherit" => return Ok(Term::Inherit(word)),
        "empty" => return Ok(Term::Empty(word)),
        "pass_common" => return Ok(Term::PassCommon(word)),
        "pass" | "remove" => format!("write `{word}(NAME, OTHER_NAME)`"),
        "xdg" => "write `xdg(base)`".to_owned(),
        _ => return Err(unknown(&word)),
    };
    Err(Error::new_spanned(&word, with_help(format!("`{word}` needs an operand"), help)))
}

fn with_operands(word: &Ident, operands: ParseStream<'_>, terms: &mut Vec<Term>) -> Result<()> {
    match word.to_string().as_str() {
        "pass" => terms.extend(names(operands, word)?.into_iter().map(Term::Pass)),
        "remove" => terms.extend(names(operands, word)?.into_iter().map(Term::Remove)),
        "xdg" => {
            let base: Expr = operands.parse()?;
            terms.push(Term::Xdg(Value::from_expr(base)?));
        }
        "secret" => {
            let mut entry = Value::from_expr(operands.parse()?)?;
            entry.marks.secret = true;
            terms.push(Term::Entry(entry));
        }
        "inherit" | "empty" | "pass_common" => {
            return Err(Error::new_spanned(word, format!("`{word}` takes no operand")));
        }
        _ => return Err(unknown(word)),
    }
    Ok(())
}

fn unknown(word: &Ident) -> Error {
    let text = word.to_string();
    let help = match suggest::nearest(&text, ENV_TERMS.iter().copied()) {
        Some(near) => format!("did you mean `{near}`?"),
        None if text.contains(|c: char| c.is_ascii_lowercase()) => forms(),
        None => format!("to pass the parent's value, write `pass({word})`; to set a value, `{{ {word} = value }}`"),
    };
    Error::new_spanned(word, with_help(format!("unknown term `{word}` of `env`"), help))
}

fn names(input: ParseStream<'_>, word: &Ident) -> Result<Vec<Name>> {
    let names: Vec<_> = Punctuated::<Name, Token![,]>::parse_terminated_with(input, name)?.into_iter().collect();
    if names.is_empty() {
        return Err(Error::new_spanned(word, format!("`{word}(…)` needs at least one name")));
    }
    Ok(names)
}

fn name(input: ParseStream<'_>) -> Result<Name> {
    if input.peek(LitStr) {
        let text: LitStr = input.parse()?;
        return Ok(Name { text: text.value(), shown: quote::quote!(#text) });
    }
    match input.call(Ident::parse_any) {
        Ok(word) => Ok(Name { text: word.unraw().to_string(), shown: quote::quote!(#word) }),
        Err(_) => Err(input.error("expected a variable's name: an identifier or a string")),
    }
}

/// `NAME = value`, or `"NAME=value"`.
fn pair(input: ParseStream<'_>, terms: &mut Vec<Term>) -> Result<()> {
    if input.peek(LitStr) && !input.peek2(Token![=]) && !input.peek2(Token![:]) {
        terms.push(Term::Entry(Value::from_expr(Expr::Lit(input.parse()?))?));
        return Ok(());
    }
    let name = name(input)?;
    if input.peek(Token![:]) {
        input.parse::<Token![:]>()?;
    } else if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
    } else {
        let help = format!("write `{} = value`", name.text);
        return Err(Error::new_spanned(&name.shown, with_help("missing value of this variable", help)));
    }
    if input.is_empty() || input.peek(Token![,]) {
        return Err(Error::new_spanned(&name.shown, "expected a value after this"));
    }
    let value = Value::from_expr(ungroup(input.parse()?))?;
    terms.push(Term::Set { name, value });
    Ok(())
}

/// The tokens between `<` and the first `>` that is not part of `->` or `=>`.
fn angle_block(input: ParseStream<'_>) -> Result<TokenStream> {
    let open = input.parse::<Token![<]>()?;
    let mut content = Vec::new();
    let mut arrow = false;
    loop {
        if input.is_empty() {
            return Err(Error::new_spanned(open, with_help("unclosed `<`", "write `< NAME = value >`")));
        }
        match input.parse::<TokenTree>()? {
            TokenTree::Punct(close) if close.as_char() == '>' && !arrow => break,
            token => {
                arrow = matches!(&token, TokenTree::Punct(punct)
                    if matches!(punct.as_char(), '-' | '=') && punct.spacing() == Spacing::Joint);
                content.push(token);
            }
        }
    }
    if !(input.is_empty() || input.peek(Token![,]) || input.peek(Token![+])) {
        return Err(input.error(with_help(
            "the `>` before this ended the block of variables",
            "put a value that contains `>` in parentheses, or the block in braces: `{ NAME = value }`",
        )));
    }
    Ok(content.into_iter().collect())
}

/// The tokens of an expression, which ends at a comma in a list, and also at `+` in a sum.
fn operand(input: ParseStream<'_>, place: TermContext) -> Result<TokenStream> {
    if place == TermContext::List {
        let expr: Expr = input.parse()?;
        return Ok(quote::quote!(#expr));
    }
    let mut tokens = Vec::new();
    while !(input.is_empty() || input.peek(Token![,]) || input.peek(Token![+])) {
        tokens.push(input.parse::<TokenTree>()?);
    }
    Ok(tokens.into_iter().collect())
}
