//! The language that both packages speak: its words, the bytes of a template, the meaning of command lines.
//!
//! The runtime compiles these files too (its `shared` is a link to this folder), so that each fact is written once. They
//! name nothing of either package, and need no other crate.

#![allow(dead_code, reason = "each package uses its part")]

pub(crate) mod command_line;
pub(crate) mod opcode;
pub(crate) mod rules;
pub(crate) mod words;
