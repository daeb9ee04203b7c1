//! Reading back what a program wrote to a file in memory.

use super::memory;
use super::tail::{SHOWN, Tail};
use nix::errno::Errno;
use nix::sys::sysinfo::sysinfo;
use std::os::fd::{AsRawFd, OwnedFd};

/// The first `max` bytes to `bytes`; of what is longer the end to `tail`. Whether it is longer. Read at places, so that
/// somebody who still writes to it goes on where he is.
pub(super) fn read_back(file: &OwnedFd, bytes: &mut Vec<u8>, max: usize, tail: &mut Tail) -> Result<bool, Errno> {
    let length = length(file)?;
    fill(file, bytes, 0, length.min(max))?;
    if length > max {
        let from = length.saturating_sub(SHOWN).max(max);
        let before = from.min(tail.wants_before());
        let mut end = Vec::new();
        fill(file, &mut end, from - before, before + (length - from))?;
        let (before, end) = end.split_at(before.min(end.len()));
        tail.push_behind(before, end);
    }
    Ok(length > max)
}

fn length(file: &OwnedFd) -> Result<usize, Errno> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the structure is valid.
    Errno::result(unsafe { libc::fstat(file.as_raw_fd(), stat.as_mut_ptr()) })?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let length = unsafe { stat.assume_init_ref() }.st_size;
    usize::try_from(length).map_err(|_| Errno::EOVERFLOW)
}

/// Reads `length` bytes from the place `from`, or fewer where the file was cut meanwhile.
///
/// A file can be longer than what was written to it, and than what any memory holds. That is ENOMEM before a page of it
/// is asked for: a kernel that overcommits would promise the memory, and kill a process when it is used.
fn fill(file: &OwnedFd, bytes: &mut Vec<u8>, from: usize, length: usize) -> Result<(), Errno> {
    if sysinfo().is_ok_and(|machine| length as u64 > machine.ram_total().saturating_add(machine.swap_total())) {
        return Err(Errno::ENOMEM);
    }
    memory::reserve(bytes, length, length)?;
    while bytes.len() < length {
        let at = from.checked_add(bytes.len()).and_then(|at| libc::off_t::try_from(at).ok()).ok_or(Errno::EOVERFLOW)?;
        let left = length - bytes.len();
        let spare = bytes.spare_capacity_mut();
        // SAFETY: the spare capacity is at least `left` long, and the kernel only writes to it.
        match Errno::result(unsafe { libc::pread(file.as_raw_fd(), spare.as_mut_ptr().cast(), left, at) }) {
            Ok(0) => break,
            Err(Errno::EINTR) => {}
            // SAFETY: the kernel has written so many bytes behind the old end.
            read => unsafe { bytes.set_len(bytes.len() + read? as usize) },
        }
    }
    Ok(())
}
