//! The macros of the [`airtight`](https://docs.rs/airtight) crate, which re-exports them. Depend on `airtight`, not on
//! this package: what the macros expand to is private to the pair.
//!
//! Data flows one way: tokens → `syntax` (the tree a person wrote, recovered entry by entry) → `check` (rules, each
//! adding to the `report`) → `expand` (a constant template and the computed values that fill its holes). `entry` is
//! that way from its beginning to its end.
//!
//! A file uses those of its own layer and below, lowest first: `language` (shared with the runtime), `rules`, `suggest`;
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
