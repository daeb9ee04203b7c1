//! Code of both packages: the words of the language, the bytes of a template, the analysis of command lines.
//!
//! The runtime compiles these files too (its `shared` is a symbolic link to this directory), so that each fact is
//! written once. They use no other module of either package, and no other crate.

#![allow(dead_code, reason = "each package uses its part")]

pub(crate) mod command_line;
pub(crate) mod names;
pub(crate) mod opcode;
pub(crate) mod rules;
pub(crate) mod words;
