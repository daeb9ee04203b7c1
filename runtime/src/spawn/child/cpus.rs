//! In the child: the CPUs that it may run on.

use crate::error::Step;
use crate::plan::cpus::{Mask, WORDS};
use crate::spawn::failure::FailedStep;
use crate::spawn::sys::{Failed, sys};
use std::mem::MaybeUninit;

/// The kernel leaves out of a mask, without a word, what is no CPU of this process: so it is asked what was set.
#[inline(always)]
pub(super) fn set_cpus(mask: Option<&Mask>) -> Result<(), FailedStep> {
    let Some(mask) = mask else { return Ok(()) };
    let fault = |failed| FailedStep::new(Step::Cpus, failed, 0);
    let length = mask.words.len().wrapping_mul(size_of::<u64>());
    // SAFETY: the mask is as long as said.
    unsafe { sys!(SYS_sched_setaffinity, 0, length, mask.words.as_ptr()) }.map_err(fault)?;
    let mut set = MaybeUninit::<[u64; WORDS]>::uninit();
    // SAFETY: the kernel writes no more than this size.
    let written = unsafe { sys!(SYS_sched_getaffinity, 0, size_of::<[u64; WORDS]>(), set.as_mut_ptr()) };
    let words = (written.map_err(fault)? / size_of::<u64>()).min(WORDS);
    // SAFETY: the kernel has filled so many words.
    let set = unsafe { std::slice::from_raw_parts(set.as_ptr().cast::<u64>(), words) };
    let count = set.iter().fold(0_u32, |count, word| count.wrapping_add(word.count_ones()));
    if count == mask.count { Ok(()) } else { Err(fault(Failed(libc::EINVAL))) }
}
