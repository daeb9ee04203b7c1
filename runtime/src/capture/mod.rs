//! The bytes of a command's streams while its program runs: the input written to stdin, and the outputs read.

mod drain;
mod feed;
mod file;
mod memory;
mod reader;
mod tail;
mod width;

pub(crate) use feed::Feed;
pub(crate) use reader::{Reader, Trouble};
