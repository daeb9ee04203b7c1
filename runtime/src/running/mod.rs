//! A program between its start and its end: who ends it, within which bounds, and what goes on after its command was
//! reported.

pub(crate) mod background;
pub(crate) mod child;
pub(crate) mod daemon;
pub(crate) mod output;
pub(crate) mod pending;
pub(crate) mod start;

#[allow(unsafe_code)]
mod engine;
mod group;
mod jobs;
mod program;
#[allow(unsafe_code)]
mod tree;

pub(crate) use jobs::{care, drain};
pub(crate) use program::{EndedBy, Program};
pub(crate) use tree::Tree;
