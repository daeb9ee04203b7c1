//! Reads the capabilities of this process. See capget(2), and PR_CAPBSET_READ in prctl(2).
//!
//! The crate `caps` names capabilities and tests those that it knows. The raw calls here add what it lacks:
//! capabilities of a newer kernel, and errors of PR_CAPBSET_READ, which `caps` reports as an absent capability. Its
//! sets are not used: a `HashSet` reads random numbers from the kernel, and panics if that fails.

use crate::language::caps::KNOWN;
use ::caps::{CapSet, Capability};
use nix::errno::Errno;

/// From linux/capability.h.
const VERSION_3: u32 = 0x2008_0522;
/// The number of capabilities in Linux 5.4, the oldest supported kernel.
const OF_OLDEST: u32 = 38;

/// The names of the capabilities in `keep` that the calling thread's permitted set lacks.
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

/// Whether the calling thread may drop capabilities from its bounding set.
pub(super) fn may_drop_bounding() -> Result<bool, Errno> {
    has(CapSet::Effective, Capability::CAP_SETPCAP)
}

fn has(set: CapSet, capability: Capability) -> Result<bool, Errno> {
    // `caps` returns an error as text. errno is still that of its last system call, the one that failed.
    ::caps::has_cap(None, set, capability).map_err(|_| Errno::last())
}

/// The name of the capability with this number.
pub(super) fn name(number: i32) -> String {
    known(number).map_or_else(|| format!("capability {number}"), |capability| capability.to_string())
}

fn known(number: i32) -> Option<Capability> {
    usize::try_from(number).ok().and_then(|number| KNOWN.get(number)).copied()
}

/// The permitted set, including capabilities that only a newer kernel has.
fn all_permitted() -> Result<u64, Errno> {
    // `struct __user_cap_header_struct`: version and pid.
    let header = [VERSION_3, 0];
    // Two `struct __user_cap_data_struct`: 32 bits each of the effective, the permitted and the inheritable set.
    let mut data = [0_u32; 6];
    // SAFETY: both arrays have the size and layout of the structures of version 3.
    Errno::result(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), data.as_mut_ptr()) })?;
    Ok(u64::from(data[1]) | u64::from(data[4]) << 32)
}

/// Reads the bounding set. If a capability were wrongly taken for unknown to this kernel, the child would keep it. So
/// an inconsistent answer is an error: a gap in the numbers, fewer capabilities than Linux 5.4 has, or a permitted
/// capability that seems unknown.
pub(super) fn bounding() -> Result<u64, Errno> {
    let (mut bounding, mut count) = (0, 0);
    for number in 0..64_u32 {
        // SAFETY: this operation of prctl takes no pointers.
        match Errno::result(unsafe { libc::prctl(libc::PR_CAPBSET_READ, number, 0, 0, 0) }) {
            Ok(is_in) if count == number => {
                bounding |= u64::from(is_in != 0) << number;
                count += 1;
            }
            // This kernel does not know the capability, nor any with a greater number.
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
