//! Bytes that a child reads from a descriptor: a sealed memfd.

use super::{above_the_streams, moved_to};
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, SealFlag, fcntl};
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::File;
use std::io::{Seek, Write};
use std::os::fd::{AsRawFd, OwnedFd, RawFd};

/// The value of `name = data(bytes)`. Its number in the child is the one in the parent, and no other descriptor gets
/// it.
#[doc(hidden)]
pub struct Data {
    pub(crate) file: Result<OwnedFd, Errno>,
}

impl Data {
    /// `given` are the numbers of other descriptors in the child.
    pub fn new(bytes: &[u8], given: &[i32]) -> Data {
        Data { file: sealed(bytes).and_then(|file| beside(file, given)) }
    }

    /// The number, or -1 if the memfd could not be created. The method that starts the command reports that error.
    pub fn number(&self) -> i32 {
        self.file.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}

/// Duplicates the file if its number is one of `given`.
fn beside(file: OwnedFd, given: &[RawFd]) -> Result<OwnedFd, Errno> {
    if !given.contains(&file.as_raw_fd()) {
        return Ok(file);
    }
    let above = given.iter().max().map_or(0, |highest| highest.saturating_add(1));
    moved_to(&file, above)
}

fn sealed(bytes: &[u8]) -> Result<OwnedFd, Errno> {
    let file = unsealed(bytes)?;
    let seals = SealFlag::F_SEAL_SHRINK | SealFlag::F_SEAL_GROW | SealFlag::F_SEAL_WRITE | SealFlag::F_SEAL_SEAL;
    fcntl(&file, FcntlArg::F_ADD_SEALS(seals))?;
    Ok(file)
}

/// A memfd with these bytes and its offset at 0.
pub(crate) fn unsealed(bytes: &[u8]) -> Result<OwnedFd, Errno> {
    let flags = MFdFlags::MFD_CLOEXEC | MFdFlags::MFD_ALLOW_SEALING;
    let mut file = File::from(above_the_streams(memfd_create(c"data", flags)?)?);
    let failed = |error: std::io::Error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO));
    file.write_all(bytes).map_err(failed)?;
    file.rewind().map_err(failed)?;
    Ok(file.into())
}
