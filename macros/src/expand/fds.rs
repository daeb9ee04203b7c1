//! The passed descriptors. Their numbers come before the arguments, which may use them; the descriptors are moved last.

use super::names::{hidden, runtime};
use super::typed::Typed;
use super::value::number;
use crate::syntax::args::Item;
use crate::syntax::fds::Passed;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// Declares the numbers, before all other statements.
pub(super) fn prelude(passed: &[Passed]) -> TokenStream {
    let runtime = runtime();
    let given: Vec<_> = passed.iter().filter_map(Passed::number).collect();
    passed
        .iter()
        .map(|entry| match entry {
            Passed::One { name: Some(name), number: Some(given), .. } => {
                let number = number(name);
                quote!(let #number: i32 = #given; let _ = #number;)
            }
            Passed::One { name: Some(name), number: None, fd } => {
                let number = number(name);
                quote!(let #number = #runtime::number(&#fd); let _ = #number;)
            }
            Passed::Data { name, bytes } => {
                let (number, data) = (number(name), data(name));
                quote!(let #data = #runtime::data(#bytes, &[#(#given),*]); let #number = #data.number(); let _ = #number;)
            }
            Passed::One { name: None, .. } | Passed::Each(_) => TokenStream::new(),
        })
        .collect()
}

/// Declares numbers for unknown names. These were reported: with a number, rustc adds no error.
pub(super) fn missing<'a>(items: impl IntoIterator<Item = &'a Item>, passed: &[&Passed]) -> TokenStream {
    let mut missing: Vec<Ident> = Vec::new();
    for item in items {
        item.each_value(&mut |value| missing.extend(value.descriptors()));
    }
    missing.retain(|name| !passed.iter().any(|entry| entry.name() == Some(name)));
    missing
        .iter()
        .map(|name| {
            let number = number(name);
            quote!(let #number = -1; let _ = #number;)
        })
        .collect()
}

/// Moves the descriptors into the finished command.
pub(super) fn moved(typed: &mut Typed, passed: &[Passed]) {
    let runtime = runtime();
    for entry in passed {
        match entry {
            Passed::One { number: None, fd, .. } => typed.moved("pass", quote!(#runtime::descriptor(#fd))),
            Passed::One { number: Some(number), fd, .. } => {
                typed.moved("pass_at", quote!((#number, #runtime::descriptor(#fd))));
            }
            Passed::Data { name, .. } => {
                let data = data(name);
                typed.moved("pass_data", quote!(#data));
            }
            Passed::Each(list) => typed.moved("pass_each", quote!(#list)),
        }
    }
}

fn data(name: &Ident) -> Ident {
    hidden(&format_ident!("data_{}", name).to_string())
}
