//! The macros of the [`airtight`](https://docs.rs/airtight) crate, which re-exports them. Depend on `airtight`, not on
//! this package: what the macros expand to is private to the pair.
//!
//! Data flows one way: tokens → `syntax` (the tree of the declaration; the parser recovers after each entry) → `check`
//! (the rules, which add to the `report`) → `expand` (a constant template, and the computed values that fill its
//! holes).
//! `entry` runs these steps.
//!
//! A file uses files of its own layer and below, lowest first: `language` (shared with the runtime), `rules`,
//! `suggest`;
//! `report`; `size`; `syntax`; `check` and `expand`, neither of which knows the other; `entry`.

mod check;
mod entry;
mod expand;
mod language;
mod report;
mod rules;
mod size;
mod suggest;
mod syntax;

use proc_macro::TokenStream;

/// Declares how one program is run. Documented where it is re-exported: `airtight::command!`.
#[proc_macro]
pub fn command(input: TokenStream) -> TokenStream {
    entry::of_command(&input.into()).into()
}

/// Declares a list of arguments. Documented where it is re-exported: `airtight::args!`.
#[proc_macro]
pub fn args(input: TokenStream) -> TokenStream {
    entry::of_arguments(&input.into()).into()
}
