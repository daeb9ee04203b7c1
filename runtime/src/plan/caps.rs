//! The capabilities of this process, asked of the kernel. See capget(2), PR_CAPBSET_READ in prctl(2).
//!
//! The crate `caps` is asked for those that it knows, and names them. What it cannot say is asked here: of capabilities
//! that only a newer kernel has it says nothing; and an error of PR_CAPBSET_READ is to it a capability that is not there.
//! Its sets are not used: a `HashSet` takes random numbers from the kernel, and ends the process where it gets none.

use crate::language::caps::KNOWN;
use ::caps::{CapSet, Capability};
use nix::errno::Errno;

/// From linux/capability.h.
const VERSION_3: u32 = 0x2008_0522;
/// How many there were in Linux 5.4, the oldest that is supported.
const OF_OLDEST: u32 = 38;

/// The names of those of `keep` that are not permitted to the calling thread.
pub(super) fn missing(keep: u64) -> Result<Vec<String>, Errno> {
    let mut missing = Vec::new();
    for number in (0..64).filter(|number| keep >> number & 1 != 0) {
        let is_held = known(number).map_or(Ok(false), |capability| has(CapSet::Permitted, capability))?;
        if !is_held {
            missing.push(name(number));
        }
    }
    Ok(missing)
}

/// Whether the calling thread may take capabilities out of its bounding set.
pub(super) fn may_drop_bounding() -> Result<bool, Errno> {
    has(CapSet::Effective, Capability::CAP_SETPCAP)
}

fn has(set: CapSet, capability: Capability) -> Result<bool, Errno> {
    // An error of `caps` is a text. The errno is still that of its last system call, which was the one that failed.
    ::caps::has_cap(None, set, capability).map_err(|_| Errno::last())
}

/// The name of a capability by its number.
pub(super) fn name(number: i32) -> String {
    known(number).map_or_else(|| format!("capability {number}"), |capability| capability.to_string())
}

fn known(number: i32) -> Option<Capability> {
    usize::try_from(number).ok().and_then(|number| KNOWN.get(number)).copied()
}

/// All that is permitted, also what only a newer kernel knows.
fn all_permitted() -> Result<u64, Errno> {
    // `struct __user_cap_header_struct`: version and pid.
    let header = [VERSION_3, 0];
    // Two `struct __user_cap_data_struct`: the effective, permitted and inheritable set, 32 bits of each.
    let mut data = [0_u32; 6];
    // SAFETY: both structures are as version 3 has them.
    Errno::result(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), data.as_mut_ptr()) })?;
    Ok(u64::from(data[1]) | u64::from(data[4]) << 32)
}

/// The bounding set. A capability that was taken for one that this kernel does not know would be kept by the child: an
/// answer that cannot be is an error.
pub(super) fn bounding() -> Result<u64, Errno> {
    let (mut bounding, mut count) = (0, 0);
    for number in 0..64_u32 {
        // SAFETY: takes no pointers.
        match Errno::result(unsafe { libc::prctl(libc::PR_CAPBSET_READ, number, 0, 0, 0) }) {
            Ok(is_in) if count == number => {
                bounding |= u64::from(is_in != 0) << number;
                count += 1;
            }
            // Unknown to this kernel, as all that follow must be.
            Err(Errno::EINVAL) => {}
            Ok(_) => return Err(Errno::EINVAL),
            Err(errno) => return Err(errno),
        }
    }
    if count < OF_OLDEST || all_permitted()?.checked_shr(count).unwrap_or(0) != 0 {
        return Err(Errno::EINVAL);
    }
    Ok(bounding)
}
