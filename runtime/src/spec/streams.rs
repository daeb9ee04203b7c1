//! Where the three streams come from and go to, as they were declared.

use std::ffi::CString;
use std::sync::Arc;

/// How much of an output is kept where no bound was declared.
pub(crate) const DEFAULT_MAX: usize = 64 << 20;

/// The source of stdin.
#[derive(Clone)]
pub(crate) enum Input {
    Unset,
    Null,
    Inherit,
    Bytes(Arc<Vec<u8>>),
    File(CString),
    /// A place among the descriptors that the command holds.
    Fd(usize),
    Pipe {
        nonblocking: bool,
    },
}

/// The target of stdout or stderr.
#[derive(Clone)]
pub(crate) enum Sink {
    Unset,
    Null,
    Inherit,
    Log,
    Buffer,
    /// A file in memory.
    FileBuffer,
    /// `lines` or `split`.
    Pieces,
    File {
        path: CString,
        append: bool,
    },
    Fd(usize),
    Pipe {
        nonblocking: bool,
    },
    /// Only stderr: where stdout goes.
    Merged,
}

/// One output: where it goes, and how much of it is kept.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) sink: Sink,
    pub(crate) max: usize,
}
