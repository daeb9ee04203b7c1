//! In the child: closes every descriptor from 3 up except those to keep.

use super::procfs;
use crate::error::Step;
use crate::fd::FIRST;
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// From linux/close_range.h.
const CLOSE_RANGE_UNSHARE: u32 = 1 << 1;
/// The default of fs.nr_open. Unless an administrator raised it, no process has a descriptor with this number or a
/// greater one.
const USUAL_NR_OPEN: u64 = 1 << 20;

/// Unshares the descriptor table, which until then is shared with the parent, and closes every descriptor that is not
/// in `keep`, which ascends. One call unshares the table and closes the high descriptors, so that the kernel copies
/// only the low ones.
#[inline(always)]
pub(super) fn leave_parents_table(keep: &[RawFd]) -> Result<(), FailedStep> {
    let from = keep.last().map_or(FIRST, |highest| highest.wrapping_add(1));
    match close_range(from, RawFd::MAX, CLOSE_RANGE_UNSHARE) {
        Ok(()) => close_below(keep).or_else(|_| close_one_by_one(keep, &[])),
        Err(_) => {
            // SAFETY: unshare takes no pointers. Nothing may be closed until it has succeeded, since the table is the
            // parent's.
            unsafe { sys!(SYS_unshare, libc::CLONE_FILES) }.map_err(|failed| fault(failed, from))?;
            close_one_by_one(keep, &[])
        }
    }
}

/// Unshares the descriptor table, and closes nothing.
#[cold]
pub(super) fn leave_table() -> Result<(), FailedStep> {
    match close_range(RawFd::MAX, RawFd::MAX, CLOSE_RANGE_UNSHARE) {
        Ok(()) => Ok(()),
        // SAFETY: unshare takes no pointers.
        Err(_) => match unsafe { sys!(SYS_unshare, libc::CLONE_FILES) } {
            Ok(_) => Ok(()),
            Err(failed) => Err(fault(failed, FIRST)),
        },
    }
}

/// Closes every descriptor that is not in `keep`, which ascends.
#[inline(always)]
pub(super) fn close_around(keep: &[RawFd]) -> Result<(), FailedStep> {
    let from = keep.last().map_or(FIRST, |highest| highest.wrapping_add(1));
    close_range(from, RawFd::MAX, 0).and_then(|()| close_below(keep)).or_else(|_| close_one_by_one(keep, &[]))
}

/// Closes every descriptor that is neither in `keep` nor in `more`, which may contain -1.
#[cold]
pub(super) fn close_all_but(keep: &[RawFd], more: &[RawFd]) -> Result<(), FailedStep> {
    match close_ranges(keep, more) {
        Ok(()) => Ok(()),
        Err(_) => close_one_by_one(keep, more),
    }
}

fn close_ranges(keep: &[RawFd], more: &[RawFd]) -> Result<(), Failed> {
    let mut from = FIRST;
    loop {
        let mut next = RawFd::MAX;
        for kept in [keep, more] {
            for &fd in kept {
                if fd >= from && fd < next {
                    next = fd;
                }
            }
        }
        if next == RawFd::MAX {
            return close_range(from, RawFd::MAX, 0);
        }
        if next > from {
            close_range(from, next.wrapping_sub(1), 0)?;
        }
        from = next.wrapping_add(1);
    }
}

/// Closes the descriptors between those of `keep`.
#[inline(always)]
fn close_below(keep: &[RawFd]) -> Result<(), Failed> {
    let mut from = FIRST;
    for &kept in keep {
        if kept > from {
            close_range(from, kept.wrapping_sub(1), 0)?;
        }
        from = kept.wrapping_add(1);
    }
    Ok(())
}

#[inline(always)]
fn fault(failed: Failed, from: RawFd) -> FailedStep {
    FailedStep::new(Step::CloseDescriptors, failed, from)
}

#[inline(always)]
fn close_range(first: RawFd, last: RawFd, flags: u32) -> Result<(), Failed> {
    // SAFETY: close_range takes no pointers. It closes descriptors of the child's own table, which the flag or an
    // earlier call has unshared.
    unsafe { sys!(SYS_close_range, first, last, flags) }.map(|_| ())
}

/// Works without close_range(2): closes the descriptors that `/proc/thread-self/fd` lists, or else every possible
/// number. `thread-self` is read because the thread of `exec` has unshared its table from the process.
#[cold]
fn close_one_by_one(keep: &[RawFd], more: &[RawFd]) -> Result<(), FailedStep> {
    match close_listed(keep, more) {
        Ok(()) => Ok(()),
        Err(_) => close_counted(keep, more),
    }
}

fn is_kept(keep: &[RawFd], more: &[RawFd], fd: RawFd) -> bool {
    keep.contains(&fd) || more.contains(&fd)
}

/// The buffer of one getdents64. It is left uninitialised, since clearing it could become a call of memset.
#[repr(C, align(8))]
struct Entries(MaybeUninit<[u8; 1024]>);

fn close_listed(keep: &[RawFd], more: &[RawFd]) -> Result<(), Failed> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: the path is a C string.
    let directory = unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/proc/thread-self/fd".as_ptr(), flags, 0) }? as RawFd;
    let listed = procfs::check(directory).and_then(|()| close_entries(directory, keep, more));
    // SAFETY: close takes no pointers, and the descriptor was opened above.
    let _ = unsafe { sys!(SYS_close, directory) };
    listed
}

/// Reads the directory again until one pass closes nothing, since closing descriptors during a pass may make it skip
/// entries.
fn close_entries(directory: RawFd, keep: &[RawFd], more: &[RawFd]) -> Result<(), Failed> {
    let mut closed = true;
    while closed {
        closed = false;
        // SAFETY: lseek takes no pointers.
        unsafe { sys!(SYS_lseek, directory, 0, libc::SEEK_SET) }?;
        let mut entries = Entries(MaybeUninit::uninit());
        loop {
            // SAFETY: the kernel writes at most `size_of::<Entries>()` bytes, the size of the buffer.
            let length = unsafe { sys!(SYS_getdents64, directory, entries.0.as_mut_ptr(), size_of::<Entries>()) }?;
            if length == 0 {
                break;
            }
            // SAFETY: getdents64 has filled `length` bytes of the buffer.
            let mut rest = unsafe { std::slice::from_raw_parts(entries.0.as_ptr().cast::<u8>(), length) };
            while let Some((name, following)) = next_entry(rest) {
                rest = following;
                match number(name) {
                    Some(fd) if fd >= FIRST && fd != directory && !is_kept(keep, more, fd) => {
                        // SAFETY: close takes no pointers, and the table is the child's own. Any result but EBADF means
                        // that it was open and is closed.
                        closed |= unsafe { sys!(SYS_close, fd) } != Err(Failed(libc::EBADF));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// The name of the first entry, and the entries after it. A `linux_dirent64` is: inode 8 bytes, offset 8, length 2,
/// type 1, name.
fn next_entry(entries: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_ne_bytes([*entries.get(16)?, *entries.get(17)?]));
    Some((entries.get(19..length)?, entries.get(length..)?))
}

/// Parses the decimal number before the NUL of a name.
fn number(name: &[u8]) -> Option<RawFd> {
    let mut number: RawFd = 0;
    let mut digits = 0;
    for byte in name {
        match byte {
            0 => break,
            b'0'..=b'9' => number = number.wrapping_mul(10).wrapping_add(RawFd::from(byte.wrapping_sub(b'0'))),
            _ => return None,
        }
        digits = 1;
    }
    (digits > 0).then_some(number)
}

fn close_counted(keep: &[RawFd], more: &[RawFd]) -> Result<(), FailedStep> {
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the kernel writes one `rlimit64`, which lives during the call; the null pointer sets no new limit.
    unsafe { sys!(SYS_prlimit64, 0, libc::RLIMIT_NOFILE, 0, &raw mut limit) }.map_err(|failed| fault(failed, FIRST))?;
    // The soft limit does not bound descriptors that were opened before it was lowered. All numbers are tried, unless
    // the hard limit shows that there may be too many; then the command fails.
    if limit.rlim_max > USUAL_NR_OPEN {
        return Err(fault(Failed(libc::ENOSYS), FIRST));
    }
    let mut fd = FIRST;
    while (fd as u64) < USUAL_NR_OPEN {
        if !is_kept(keep, more, fd) {
            // SAFETY: close takes no pointers, and the table is the child's own.
            let _ = unsafe { sys!(SYS_close, fd) };
        }
        fd = fd.wrapping_add(1);
    }
    Ok(())
}
