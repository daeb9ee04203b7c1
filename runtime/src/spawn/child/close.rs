//! In the child: closing every descriptor from 3 up but a few.

use super::procfs;
use crate::error::Step;
use crate::fd::FIRST;
use crate::spawn::fault::Fault;
use crate::spawn::sys::{Failed, sys};
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// From linux/close_range.h.
const CLOSE_RANGE_UNSHARE: u32 = 1 << 1;
/// No process has a descriptor from here up unless an administrator raised fs.nr_open.
const USUAL_NR_OPEN: u64 = 1 << 20;

/// Leaves the table of descriptors, which is shared with the parent until then, and closes everything around `keep`,
/// which ascends. Leaving and closing the high end in one call copies only the low end.
#[inline(always)]
pub(super) fn leave_parents_table(keep: &[RawFd]) -> Result<(), Fault> {
    let from = keep.last().map_or(FIRST, |highest| highest.wrapping_add(1));
    match close_range(from, RawFd::MAX, CLOSE_RANGE_UNSHARE) {
        Ok(()) => close_below(keep).or_else(|_| close_one_by_one(keep, &[])),
        Err(_) => {
            // SAFETY: takes no pointers. Nothing may be closed before it has worked: the table is the parent's.
            unsafe { sys!(SYS_unshare, libc::CLONE_FILES) }.map_err(|failed| fault(failed, from))?;
            close_one_by_one(keep, &[])
        }
    }
}

/// Leaves the table of descriptors and closes nothing.
#[cold]
pub(super) fn leave_table() -> Result<(), Fault> {
    match close_range(RawFd::MAX, RawFd::MAX, CLOSE_RANGE_UNSHARE) {
        Ok(()) => Ok(()),
        // SAFETY: takes no pointers.
        Err(_) => match unsafe { sys!(SYS_unshare, libc::CLONE_FILES) } {
            Ok(_) => Ok(()),
            Err(failed) => Err(fault(failed, FIRST)),
        },
    }
}

/// Closes everything around `keep`, which ascends.
#[inline(always)]
pub(super) fn close_around(keep: &[RawFd]) -> Result<(), Fault> {
    let from = keep.last().map_or(FIRST, |highest| highest.wrapping_add(1));
    close_range(from, RawFd::MAX, 0).and_then(|()| close_below(keep)).or_else(|_| close_one_by_one(keep, &[]))
}

/// Closes everything but `keep` and `more`, which may hold numbers that are none.
#[cold]
pub(super) fn close_all_but(keep: &[RawFd], more: &[RawFd]) -> Result<(), Fault> {
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

/// Closes what lies between the descriptors of `keep`.
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
fn fault(failed: Failed, from: RawFd) -> Fault {
    Fault::new(Step::CloseDescriptors, failed, from)
}

#[inline(always)]
fn close_range(first: RawFd, last: RawFd, flags: u32) -> Result<(), Failed> {
    // SAFETY: closes descriptors of the child's own table: the flag or an earlier call has made it so.
    unsafe { sys!(SYS_close_range, first, last, flags) }.map(|_| ())
}

/// Without close_range(2): what `/proc/thread-self/fd` lists (a thread that is replaced by a program has left the table of
/// its process), else every number that there can be, else the command fails.
#[cold]
fn close_one_by_one(keep: &[RawFd], more: &[RawFd]) -> Result<(), Fault> {
    match close_listed(keep, more) {
        Ok(()) => Ok(()),
        Err(_) => close_counted(keep, more),
    }
}

fn is_kept(keep: &[RawFd], more: &[RawFd], fd: RawFd) -> bool {
    keep.contains(&fd) || more.contains(&fd)
}

/// One reading of a directory. Not cleared first: that would be a call of libc's.
#[repr(C, align(8))]
struct Entries(MaybeUninit<[u8; 1024]>);

fn close_listed(keep: &[RawFd], more: &[RawFd]) -> Result<(), Failed> {
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_CLOEXEC;
    // SAFETY: the path is a C string.
    let directory = unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/proc/thread-self/fd".as_ptr(), flags, 0) }? as RawFd;
    let listed = procfs::check(directory).and_then(|()| close_entries(directory, keep, more));
    // SAFETY: opened above.
    let _ = unsafe { sys!(SYS_close, directory) };
    listed
}

/// Reads the list until a reading closes nothing: closing while reading may pass over entries.
fn close_entries(directory: RawFd, keep: &[RawFd], more: &[RawFd]) -> Result<(), Failed> {
    let mut closed = true;
    while closed {
        closed = false;
        // SAFETY: takes no pointers.
        unsafe { sys!(SYS_lseek, directory, 0, libc::SEEK_SET) }?;
        let mut entries = Entries(MaybeUninit::uninit());
        loop {
            // SAFETY: the buffer is as long as said.
            let length = unsafe { sys!(SYS_getdents64, directory, entries.0.as_mut_ptr(), size_of::<Entries>()) }?;
            if length == 0 {
                break;
            }
            // SAFETY: the kernel has filled so many bytes of it.
            let mut rest = unsafe { std::slice::from_raw_parts(entries.0.as_ptr().cast::<u8>(), length) };
            while let Some((name, following)) = next_entry(rest) {
                rest = following;
                match number(name) {
                    Some(fd) if fd >= FIRST && fd != directory && !is_kept(keep, more, fd) => {
                        // SAFETY: the table is the child's own. Whatever else it returns, the number is free.
                        closed |= unsafe { sys!(SYS_close, fd) } != Err(Failed(libc::EBADF));
                    }
                    _ => {}
                }
            }
        }
    }
    Ok(())
}

/// The name of the first entry (a `linux_dirent64`: inode 8 bytes, offset 8, length 2, kind 1, name), and what follows.
fn next_entry(entries: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = usize::from(u16::from_ne_bytes([*entries.get(16)?, *entries.get(17)?]));
    Some((entries.get(19..length)?, entries.get(length..)?))
}

/// The number that a name spells, up to its NUL.
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

fn close_counted(keep: &[RawFd], more: &[RawFd]) -> Result<(), Fault> {
    let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is valid.
    unsafe { sys!(SYS_prlimit64, 0, libc::RLIMIT_NOFILE, 0, &raw mut limit) }.map_err(|failed| fault(failed, FIRST))?;
    // A limit says nothing of what was opened before it was lowered, so all numbers are tried, or the command fails.
    if limit.rlim_max > USUAL_NR_OPEN {
        return Err(fault(Failed(libc::ENOSYS), FIRST));
    }
    let mut fd = FIRST;
    while (fd as u64) < USUAL_NR_OPEN {
        if !is_kept(keep, more, fd) {
            // SAFETY: the table is the child's own.
            let _ = unsafe { sys!(SYS_close, fd) };
        }
        fd = fd.wrapping_add(1);
    }
    Ok(())
}
