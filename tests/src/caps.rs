//! Capabilities of this process, for tests that give some up.

use caps::{CapSet, Capability, CapsHashSet};

/// By its number.
fn capability(number: u32) -> Capability {
    let known = caps::all().into_iter().find(|capability| u32::from(capability.index()) == number);
    known.unwrap_or_else(|| panic!("capability {number} has no name"))
}

/// Gives a capability up, permitted and effective.
pub fn give_up(capability: u32) {
    // The effective set is part of the permitted one.
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::drop(None, set, self::capability(capability)).expect("it is given up");
    }
}

/// Becomes an ordinary user without any capability, for good.
pub fn become_nobody() {
    const NOBODY: u32 = 65534;
    // SAFETY: takes no pointers but to an empty list.
    assert_eq!(unsafe { libc::setgroups(0, std::ptr::null()) }, 0);
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::setresgid(NOBODY, NOBODY, NOBODY) }, 0);
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::setresuid(NOBODY, NOBODY, NOBODY) }, 0);
}

/// Becomes an ordinary user that holds one capability, permitted and effective.
pub fn become_nobody_with(capability: u32) {
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) }, 0);
    become_nobody();
    let only = CapsHashSet::from([self::capability(capability)]);
    for set in [CapSet::Effective, CapSet::Permitted] {
        caps::set(None, set, &only).expect("it was kept");
    }
}
