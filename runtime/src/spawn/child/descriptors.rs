//! In the child: `/dev/null`, pipes of the parent's that are opened again, and each descriptor's move to its number.

use crate::error::Step;
use crate::plan::descriptors::Move;
use crate::plan::far::Reopened;
use crate::spawn::fault::{Fault, NOT_REOPENED};
use crate::spawn::sys::{Failed, sys};
use std::os::fd::RawFd;

/// Opens `/dev/null` at `number` and makes sure that it is the device: in a broken root it may be a file, which would
/// keep what is thrown away.
#[inline(always)]
pub(super) fn open_null(number: RawFd) -> Result<(), Fault> {
    const DEVICE: u64 = libc::makedev(1, 3);
    let fault = |failed| Fault::new(Step::DevNull, failed, number);
    // SAFETY: the path is a C string.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_mode & libc::S_IFMT != libc::S_IFCHR || stat.st_rdev != DEVICE {
        return Err(fault(Failed(libc::ENODEV)));
    }
    set_number(fd, number).map_err(fault)
}

/// Opens a pipe of the parent's, which holds it, and makes sure that it is that one: where /proc is another's, the
/// number is too.
#[inline(always)]
pub(super) fn reopen(pipe: &Reopened) -> Result<(), Fault> {
    let fault = |failed| Fault::new(NOT_REOPENED, failed, pipe.at);
    // SAFETY: the path is ended by a NUL.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, pipe.path.as_ptr(), pipe.flags, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_dev != pipe.device || stat.st_ino != pipe.inode {
        return Err(fault(Failed(libc::EBADF)));
    }
    set_number(fd, pipe.at).map_err(fault)
}

/// Gives `number`, which nothing else uses, to what was just opened.
#[inline(always)]
fn set_number(fd: RawFd, number: RawFd) -> Result<(), Failed> {
    if fd != number {
        // SAFETY: neither number is used by anything else.
        unsafe { sys!(SYS_dup3, fd, number, libc::O_CLOEXEC) }?;
        // SAFETY: as above.
        let _ = unsafe { sys!(SYS_close, fd) };
    }
    Ok(())
}

#[inline(always)]
pub(super) fn move_descriptor(step: Move) -> Result<(), Fault> {
    let flags = if step.close_on_exec { libc::O_CLOEXEC } else { 0 };
    let moved = if step.from == step.to {
        // SAFETY: the descriptor is in the child's own table.
        unsafe { sys!(SYS_fcntl, step.from, libc::F_SETFD, 0) }
    } else {
        // SAFETY: both numbers are in the child's own table; the order of the moves loses no source.
        unsafe { sys!(SYS_dup3, step.from, step.to, flags) }
    };
    moved.map(|_| ()).map_err(|failed| Fault::new(Step::MoveDescriptor, failed, step.to))
}
