//! In the child: whether what was opened below /proc is the kernel's. Something else may be mounted there, which would
//! list nothing, and take a label for nothing.

use crate::spawn::sys::{Failed, sys};
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// From linux/magic.h.
const PROC_SUPER_MAGIC: i128 = 0x9fa0;

#[inline(always)]
pub(super) fn check(fd: RawFd) -> Result<(), Failed> {
    let mut stat = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstatfs, fd, stat.as_mut_ptr()) }?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let kind = unsafe { stat.assume_init_ref() }.f_type;
    // Its type differs between libcs.
    if i128::from(kind) == PROC_SUPER_MAGIC { Ok(()) } else { Err(Failed(libc::ENODEV)) }
}
