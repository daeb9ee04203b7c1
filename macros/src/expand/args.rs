//! Arguments.

use super::template::Op;
use super::{Code, hidden, hole, runtime};
use crate::syntax::args::{Body, Item};
use crate::syntax::spread::Spread;
use crate::syntax::value::Value;
use proc_macro2::TokenStream;
use quote::quote;

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
        Some(text) => code.stretch.literal(Op::Argument, text),
        None => code.stretch.computed(Op::Argument, argument(value)),
    }
}

fn pair(code: &mut Code, key: &Value, value: &Value) {
    if let (Some(key), Some(text), false) = (key.literal(), value.literal(), value.marks.secret) {
        return code.stretch.literal(Op::Argument, &[key, b"=", text].concat());
    }
    code.marks(value);
    match key.literal() {
        Some(text) => code.stretch.literal(Op::Pair, &[text, b"="].concat()),
        None => code.stretch.computed(Op::Pair, hole(key)),
    }
    code.stretch.hole(hole(value));
}

fn option_with_value(code: &mut Code, option: &Value, value: &Value) {
    code.marks(value);
    match option.literal() {
        Some(text) => code.stretch.literal(Op::OptionWithValue, text),
        None => code.stretch.computed(Op::OptionWithValue, argument(option)),
    }
    code.stretch.hole(argument(value));
}

/// A hole whose text becomes an argument of its own: the runtime is told whether it may begin with `-`.
fn argument(value: &Value) -> TokenStream {
    let hole = hole(value);
    if value.is_guarded() || value.literal().is_some() {
        return hole;
    }
    let runtime = runtime();
    match value.is_computed() && !value.marks.verbatim {
        true => quote!(#runtime::begun(#hole)),
        false => quote!(#runtime::spelled(#hole)),
    }
}

fn spread(code: &mut Code, spread: &Spread) {
    let (runtime, spec) = (runtime(), hidden("spec"));
    let (list, guarded, secret) = (&spread.list, !spread.marks.verbatim, spread.marks.secret);
    code.statement(quote!(#runtime::spread(&mut *#spec, #guarded, #secret, #list);));
}
