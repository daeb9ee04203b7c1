//! Capabilities of this process, for tests that drop some.

use caps::{CapSet, Capability, CapsHashSet};

/// The capability of this number.
fn capability(number: u32) -> Capability {
    let known = caps::all().into_iter().find(|capability| u32::from(capability.index()) == number);
    known.unwrap_or_else(|| panic!("capability {number} has no name"))
}

/// Drops a capability from the permitted and effective sets.
pub fn give_up(capability: u32) {
    // Effective first: it must stay a subset of permitted.
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::drop(None, set, self::capability(capability)).expect("it is given up");
    }
}

/// Becomes an ordinary user without capabilities, for good.
pub fn become_nobody() {
    const NOBODY: u32 = 65534;
    // SAFETY: takes no pointers but to an empty list.
    assert_eq!(unsafe { libc::setgroups(0, std::ptr::null()) }, 0);
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::setresgid(NOBODY, NOBODY, NOBODY) }, 0);
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::setresuid(NOBODY, NOBODY, NOBODY) }, 0);
}

/// Becomes an ordinary user with one capability, permitted and effective.
pub fn become_nobody_with(capability: u32) {
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) }, 0);
    become_nobody();
    let only = CapsHashSet::from([self::capability(capability)]);
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::set(None, set, &only).expect("it was kept");
    }
}
