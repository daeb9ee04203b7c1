//! Where the three streams come from and go to, as they were declared.

use std::ffi::CString;
use std::sync::Arc;

/// How much of an output is kept where no bound was declared.
pub(crate) const DEFAULT_MAX: usize = 64 << 20;

/// The method that runs a command: it decides about undeclared streams, and whether the others are served.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// `run` and `background`: outputs are logged.
    Served {
        /// Whether anybody reads the log.
        listening: bool,
    },
    /// `spawn` and daemons: null.
    Alongside,
    /// `exec`: inherited.
    Replace,
}

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

impl Input {
    /// The bytes that this process feeds.
    pub(crate) fn fed(&self) -> Option<&Arc<Vec<u8>>> {
        match self {
            Input::Bytes(bytes) => Some(bytes),
            Input::Unset | Input::Null | Input::Inherit | Input::File(_) | Input::Fd(_) | Input::Pipe { .. } => None,
        }
    }

    pub(super) fn has_end(&self) -> bool {
        match self {
            Input::Bytes(_) | Input::Pipe { .. } => true,
            Input::Unset | Input::Null | Input::Inherit | Input::File(_) | Input::Fd(_) => false,
        }
    }
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

impl Sink {
    /// All bytes are kept, and returned.
    pub(crate) fn keeps_bytes(&self) -> bool {
        matches!(self, Sink::Buffer | Sink::FileBuffer)
    }

    pub(crate) fn is_merged(&self) -> bool {
        matches!(self, Sink::Merged)
    }

    /// `keeps_tail`: the last bytes are kept for an error, whether or not anybody reads the log.
    pub(super) fn has_end(&self, purpose: Purpose, keeps_tail: bool) -> bool {
        match self {
            Sink::Unset | Sink::Log => match purpose {
                Purpose::Served { listening } => listening || keeps_tail,
                Purpose::Alongside | Purpose::Replace => false,
            },
            Sink::Buffer | Sink::FileBuffer | Sink::Pieces | Sink::Pipe { .. } => true,
            Sink::Null | Sink::Inherit | Sink::File { .. } | Sink::Fd(_) | Sink::Merged => false,
        }
    }
}

/// One output: where it goes, and how much of it is kept.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) sink: Sink,
    pub(crate) max: usize,
}
