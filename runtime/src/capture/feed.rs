//! Writes the declared bytes to stdin.

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

    /// Writes as much as the pipe takes. Returns true if all is written, or if the child has closed its stdin, which is
    /// not an error. Any other failure is an error, since the child would take a part of the input for all of it.
    pub(crate) fn write(&mut self) -> Result<bool, Errno> {
        let rest = &self.bytes[self.written..];
        match write_quietly(&self.end, rest) {
            // After a short write the pipe is full.
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
