//! Feeding stdin.

use super::width;
use crate::fd::quiet::write_quietly;
use nix::errno::Errno;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::Arc;

pub(crate) struct Feed {
    end: OwnedFd,
    bytes: Arc<Vec<u8>>,
    written: usize,
}

impl Feed {
    pub(crate) fn new(end: OwnedFd, bytes: Arc<Vec<u8>>) -> Feed {
        if bytes.len() > width::USUAL {
            width::widen(&end);
        }
        Feed { end, bytes, written: 0 }
    }

    pub(crate) fn end(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
    }

    /// Writes what the pipe takes. True once there is nothing left to do: all was written, or nobody reads any more,
    /// which is the child's own affair. Whatever else keeps the rest from being written is an error: the child would
    /// take the part that it got for all.
    pub(crate) fn write(&mut self) -> Result<bool, Errno> {
        let rest = &self.bytes[self.written..];
        match write_quietly(&self.end, rest) {
            // What it did not take now it would not take at once either: it is full.
            Ok(written) => {
                self.written += written;
                Ok(written == rest.len())
            }
            Err(Errno::EPIPE) => Ok(true),
            Err(Errno::EAGAIN | Errno::EINTR) => Ok(false),
            Err(errno) => Err(errno),
        }
    }
}
