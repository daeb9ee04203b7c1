//! A running command: its start, the loop that serves its streams, the handles to it, its end within bounds, and its
//! result.

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
