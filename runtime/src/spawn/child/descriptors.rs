//! In the child: opens `/dev/null`, reopens pipes of the parent, and moves each descriptor to its number.

use crate::error::Step;
use crate::plan::descriptors::Move;
use crate::plan::far::Reopened;
use crate::spawn::failure::{FailedStep, NOT_REOPENED};
use crate::spawn::sys::{Failed, sys};
use std::os::fd::RawFd;

/// Opens `/dev/null` at `number` and checks that it is the device. In a broken root it may be a regular file, which
/// would collect the discarded output.
#[inline(always)]
pub(super) fn open_null(number: RawFd) -> Result<(), FailedStep> {
    const DEVICE: u64 = libc::makedev(1, 3);
    let fault = |failed| FailedStep::new(Step::DevNull, failed, number);
    // SAFETY: the path is a C string.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel writes one `stat`; libc's type has the kernel's size and layout on both supported
    // architectures.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: an all-zero `stat` is valid, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_mode & libc::S_IFMT != libc::S_IFCHR || stat.st_rdev != DEVICE {
        return Err(fault(Failed(libc::ENODEV)));
    }
    set_number(fd, number).map_err(fault)
}

/// Reopens a pipe that the parent holds, and checks its identity: in a /proc of another pid namespace the path may lead
/// to another file.
#[inline(always)]
pub(super) fn reopen(pipe: &Reopened) -> Result<(), FailedStep> {
    let fault = |failed| FailedStep::new(NOT_REOPENED, failed, pipe.at);
    // SAFETY: the path ends with a NUL.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, pipe.path.as_ptr(), pipe.flags, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel writes one `stat`; libc's type has the kernel's size and layout on both supported
    // architectures.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: an all-zero `stat` is valid, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_dev != pipe.device || stat.st_ino != pipe.inode {
        return Err(fault(Failed(libc::EBADF)));
    }
    set_number(fd, pipe.at).map_err(fault)
}

/// Moves the descriptor `fd`, which was just opened, to `number`, which is unused.
#[inline(always)]
fn set_number(fd: RawFd, number: RawFd) -> Result<(), Failed> {
    if fd != number {
        // SAFETY: dup3 takes no pointers; `fd` was just opened, and the schedule leaves `number` unused until now.
        unsafe { sys!(SYS_dup3, fd, number, libc::O_CLOEXEC) }?;
        // SAFETY: close takes no pointers, and only this function uses `fd`.
        let _ = unsafe { sys!(SYS_close, fd) };
    }
    Ok(())
}

#[inline(always)]
pub(super) fn move_descriptor(step: Move) -> Result<(), FailedStep> {
    let flags = if step.close_on_exec { libc::O_CLOEXEC } else { 0 };
    let moved = if step.from == step.to {
        // SAFETY: fcntl takes no pointer here, and the descriptor is in the child's own table.
        unsafe { sys!(SYS_fcntl, step.from, libc::F_SETFD, 0) }
    } else {
        // SAFETY: dup3 takes no pointers, and both numbers are in the child's own table. The order of the moves
        // overwrites no source that is still needed.
        unsafe { sys!(SYS_dup3, step.from, step.to, flags) }
    };
    moved.map(|_| ()).map_err(|failed| FailedStep::new(Step::MoveDescriptor, failed, step.to))
}
