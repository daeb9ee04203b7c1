//! The macros of the [`airtight`](https://docs.rs/airtight) crate, which re-exports them. Depend on `airtight`, not on
//! this package: what the macros expand to is private to the pair.
//!
//! Data flows one way: tokens → `syntax` (the tree a person wrote, recovered entry by entry) → `check` (rules, each
//! adding to the `report`) → `expand` (a constant template and the computed values that fill its holes).

mod check;
mod command_line;
mod expand;
mod language;
mod report;
mod suggest;
mod syntax;

use expand::hints::Hints;
use proc_macro::TokenStream;
use proc_macro2::TokenStream as TokenStream2;
use report::Report;

/// Declares how one program is run. Documented where it is re-exported: `airtight::command!`.
#[proc_macro]
pub fn command(input: TokenStream) -> TokenStream {
    let (tokens, mut report) = (TokenStream2::from(input), Report::default());
    let declaration = syntax::declaration(tokens.clone(), &mut report);
    check::declaration(&declaration, &mut report);
    report.beside(expand::declaration(&declaration), Hints::of_declaration(&tokens)).into()
}

/// Declares a list of arguments. Documented where it is re-exported: `airtight::args!`.
#[proc_macro]
pub fn args(input: TokenStream) -> TokenStream {
    let (tokens, mut report) = (TokenStream2::from(input), Report::default());
    let items = syntax::arguments(tokens.clone(), &mut report);
    check::arguments(&items, &mut report);
    report.beside(expand::arguments(&items), Hints::of_arguments(&tokens)).into()
}
