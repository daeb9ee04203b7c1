//! Arguments.

use super::code::Code;
use super::names::{hidden, runtime};
use super::value::{first_span, hole};
use crate::language::opcode::Opcode;
use crate::syntax::args::{Body, Item};
use crate::syntax::spelled::{is_constant_list, texts};
use crate::syntax::spread::Spread;
use crate::syntax::value::Value;
use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::Expr;

pub(super) fn items(code: &mut Code, items: &[Item]) {
    for item in items {
        match item {
            Item::Word(value) => word(code, value),
            Item::Pair { key, value } => pair(code, key, value),
            Item::OptionWithValue { option, value } => option_with_value(code, option, value),
            Item::Spread(list) => spread(code, list),
            Item::If { condition, then, otherwise } => {
                let (then, otherwise) = (body(then), otherwise.as_ref().map(body));
                let otherwise = otherwise.map(|otherwise| quote!(else { #otherwise }));
                code.statement(quote!(if #condition { #then } #otherwise));
            }
            Item::Match { on, arms } => {
                let arms = arms.iter().map(|(pattern, arm)| {
                    let arm = body(arm);
                    quote!(#pattern => { #arm })
                });
                code.statement(quote!(match #on { #(#arms)* }));
            }
            Item::For { pattern, over, body: inner } => {
                let inner = body(inner);
                code.statement(quote!(for #pattern in #over { #inner }));
            }
        }
    }
}

fn body(body: &Body) -> TokenStream {
    let mut code = Code::default();
    items(&mut code, &body.items);
    let (statements, code) = (&body.statements, code.into_statements());
    quote!(#(#statements)* #code)
}

fn word(code: &mut Code, value: &Value) {
    code.marks(value);
    match value.literal() {
        Some(text) => code.stretch.literal(Opcode::Argument, text),
        None => code.stretch.computed(Opcode::Argument, argument(value)),
    }
}

fn pair(code: &mut Code, key: &Value, value: &Value) {
    if let (Some(key), Some(text), false) = (key.literal(), value.literal(), value.marks.secret) {
        return code.stretch.literal(Opcode::Argument, &[key, b"=", text].concat());
    }
    code.marks(value);
    match key.literal() {
        Some(text) => code.stretch.literal(Opcode::Pair, &[text, b"="].concat()),
        None => code.stretch.computed(Opcode::Pair, hole(key)),
    }
    code.stretch.hole(hole(value));
}

fn option_with_value(code: &mut Code, option: &Value, value: &Value) {
    code.marks(value);
    match option.literal() {
        Some(text) => code.stretch.literal(Opcode::OptionWithValue, text),
        None => code.stretch.computed(Opcode::OptionWithValue, argument(option)),
    }
    code.stretch.hole(argument(value));
}

/// A hole whose text becomes an argument of its own. The call tells the runtime whether it may begin with `-`.
fn argument(value: &Value) -> TokenStream {
    let (hole, runtime) = (hole(value), runtime());
    if value.is_guarded() {
        let spelled = spelled(&value.expr);
        return if spelled.is_empty() { hole } else { quote!(#runtime::among(#hole, &[#(#spelled),*])) };
    }
    if value.literal().is_some() {
        return hole;
    }
    match value.is_computed() && !value.marks.verbatim {
        true => quote!(#runtime::begun(#hole)),
        false => quote!(#runtime::spelled(#hole)),
    }
}

/// The literals and constants that `expr` may evaluate to. These may begin with `-`.
fn spelled(expr: &Expr) -> Vec<TokenStream> {
    let runtime = runtime();
    let of = |expr: &Expr| match expr {
        Expr::Lit(literal) => quote!(#runtime::hole(#literal)),
        constant => {
            let constant = quote_spanned!(first_span(constant)=> &const { #constant });
            quote!(#runtime::hole(#constant))
        }
    };
    texts(expr).into_iter().map(of).collect()
}

fn spread(code: &mut Code, spread: &Spread) {
    let (runtime, spec) = (runtime(), hidden("spec"));
    let (list, guarded, secret) = (&spread.list, !spread.marks.verbatim, spread.marks.secret);
    let is_constant = guarded && is_constant_list(list);
    let spelled = if guarded { spelled(list) } else { Vec::new() };
    code.statement(if is_constant {
        let list = quote_spanned!(first_span(list)=> const { #list });
        quote!(#runtime::spread_constant(&mut *#spec, #secret, #list);)
    } else if spelled.is_empty() {
        quote!(#runtime::spread(&mut *#spec, #guarded, #secret, #list);)
    } else {
        quote!(#runtime::spread_among(&mut *#spec, #secret, &[#(#spelled),*], #list);)
    });
}
