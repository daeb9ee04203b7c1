//! A command while it runs: its start, whoever serves it and whoever holds it, who ends its program and within which
//! bounds, what is returned of it.

pub(crate) mod background;
pub(crate) mod child;
pub(crate) mod daemon;
pub(crate) mod exec;
pub(crate) mod output;
pub(crate) mod pending;
pub(crate) mod run;

mod care;
mod conclude;
mod ending;
mod group;
mod modes;
mod program;
#[allow(unsafe_code)]
mod serve;
mod start;
#[allow(unsafe_code)]
mod tree;
