//! The capabilities of this process, asked of the kernel. See capget(2), PR_CAPBSET_READ in prctl(2).

use nix::errno::Errno;

/// From linux/capability.h.
const VERSION_3: u32 = 0x2008_0522;
/// How many there were in Linux 5.4, the oldest that is supported.
const OF_OLDEST: u32 = 38;

/// Two of the sets of the calling thread.
pub(super) struct Held {
    pub(super) permitted: u64,
    pub(super) effective: u64,
}

/// What the calling thread holds.
pub(super) fn held() -> Result<Held, Errno> {
    // `struct __user_cap_header_struct`: version and pid.
    let header = [VERSION_3, 0];
    // Two `struct __user_cap_data_struct`: the effective, permitted and inheritable set, 32 bits of each.
    let mut data = [0_u32; 6];
    // SAFETY: both structures are as version 3 has them.
    Errno::result(unsafe { libc::syscall(libc::SYS_capget, header.as_ptr(), data.as_mut_ptr()) })?;
    let set = |low: usize| u64::from(data[low]) | u64::from(data[low + 3]) << 32;
    Ok(Held { permitted: set(1), effective: set(0) })
}

/// The bounding set. A capability that was taken for one that this kernel does not know would be kept by the child: an
/// answer that cannot be is an error.
pub(super) fn bounding(held: &Held) -> Result<u64, Errno> {
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
    if count < OF_OLDEST || held.permitted.checked_shr(count).unwrap_or(0) != 0 {
        return Err(Errno::EINVAL);
    }
    Ok(bounding)
}
