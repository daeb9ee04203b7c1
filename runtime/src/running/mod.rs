//! A program between its start and its end: who ends it, within which bounds, and what goes on after its command was
//! reported.

mod engine;
mod group;
mod jobs;
mod program;
mod tree;

pub(crate) use jobs::{care, drain};
pub(crate) use program::{EndedBy, Program};
pub(crate) use tree::Tree;
