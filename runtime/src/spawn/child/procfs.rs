//! In the child: checks that a file opened below /proc is on procfs. Another file system may be mounted there. It would
//! list no descriptors, and accept a label without effect.

use crate::spawn::sys::{Failed, sys};
use std::mem::MaybeUninit;
use std::os::fd::RawFd;

/// From linux/magic.h.
const PROC_SUPER_MAGIC: i128 = 0x9fa0;

#[inline(always)]
pub(super) fn check(fd: RawFd) -> Result<(), Failed> {
    let mut stat = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: the kernel writes one `statfs`; libc's type has the kernel's size and layout on both supported
    // architectures.
    unsafe { sys!(SYS_fstatfs, fd, stat.as_mut_ptr()) }?;
    // SAFETY: an all-zero `statfs` is valid, and the kernel has filled it.
    let kind = unsafe { stat.assume_init_ref() }.f_type;
    // The type of the field differs between libcs.
    if i128::from(kind) == PROC_SUPER_MAGIC { Ok(()) } else { Err(Failed(libc::ENODEV)) }
}
