//! Coverage-guided fuzzing of both macros: any text that is tokens must expand to an expression.
//!
//! No program can link a package of procedural macros, so this program compiles the same files.
#![no_main]
#![allow(dead_code, reason = "the entries for rustc are missing")]

#[path = "../../src/check/mod.rs"]
mod check;
#[path = "../../src/entry.rs"]
mod entry;
#[path = "../../src/expand/mod.rs"]
mod expand;
#[path = "../../src/language/mod.rs"]
mod language;
#[path = "../../src/report.rs"]
mod report;
#[path = "../../src/rules.rs"]
mod rules;
#[path = "../../src/size.rs"]
mod size;
#[path = "../../src/suggest.rs"]
mod suggest;
#[path = "../../src/syntax/mod.rs"]
mod syntax;

use libfuzzer_sys::fuzz_target;
use proc_macro2::TokenStream;
use std::str::FromStr;

fuzz_target!(|text: &str| {
    let Ok(tokens) = TokenStream::from_str(text) else { return };
    for expansion in [entry::of_command(&tokens), entry::of_arguments(&tokens)] {
        let written = expansion.to_string();
        if let Err(error) = syn::parse_str::<syn::Expr>(&written) {
            panic!("{error}: {written}");
        }
    }
});
