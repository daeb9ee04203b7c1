//! Reads back what a program wrote to a memfd.

use super::memory;
use super::tail::{SHOWN, Tail};
use nix::errno::Errno;
use nix::sys::sysinfo::sysinfo;
use std::os::fd::{AsRawFd, OwnedFd};

/// Reads the first `max` bytes into `bytes`. Of a longer file the end goes to `tail`. Returns whether the file is
/// longer. Uses pread(2), so the offset of a leftover that still writes does not change.
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
    // SAFETY: the kernel writes one `stat`, which lives during the call.
    Errno::result(unsafe { libc::fstat(file.as_raw_fd(), stat.as_mut_ptr()) })?;
    // SAFETY: an all-zero `stat` is valid, and the kernel has filled it.
    let length = unsafe { stat.assume_init_ref() }.st_size;
    usize::try_from(length).map_err(|_| Errno::EOVERFLOW)
}

/// Reads `length` bytes from the offset `from`, or fewer if the file was truncated meanwhile.
///
/// A sparse file can be longer than memory and swap. Then this fails with ENOMEM before it allocates: a kernel that
/// overcommits would grant the memory, and kill a process when it is used.
fn fill(file: &OwnedFd, bytes: &mut Vec<u8>, from: usize, length: usize) -> Result<(), Errno> {
    if sysinfo().is_ok_and(|machine| length as u64 > machine.ram_total().saturating_add(machine.swap_total())) {
        return Err(Errno::ENOMEM);
    }
    memory::reserve(bytes, length, length)?;
    while bytes.len() < length {
        let at = from.checked_add(bytes.len()).and_then(|at| libc::off_t::try_from(at).ok()).ok_or(Errno::EOVERFLOW)?;
        let left = length - bytes.len();
        let spare = bytes.spare_capacity_mut();
        // SAFETY: the spare capacity is at least `left` bytes, and the kernel only writes to it.
        match Errno::result(unsafe { libc::pread(file.as_raw_fd(), spare.as_mut_ptr().cast(), left, at) }) {
            Ok(0) => break,
            Err(Errno::EINTR) => {}
            // SAFETY: the kernel has filled the first `read` bytes of the spare capacity.
            read => unsafe { bytes.set_len(bytes.len() + read? as usize) },
        }
    }
    Ok(())
}
