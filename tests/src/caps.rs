//! Capabilities of this process, for tests that give some up.

/// Gives a capability up, permitted and effective.
pub fn give_up(capability: u32) {
    #[repr(C)]
    struct Header {
        version: u32,
        pid: i32,
    }
    let (header, mut data) = (Header { version: 0x2008_0522, pid: 0 }, [[0u32; 3]; 2]);
    // SAFETY: both structures are as version 3 has them.
    assert_eq!(unsafe { libc::syscall(libc::SYS_capget, &raw const header, data.as_mut_ptr()) }, 0);
    let half = &mut data[(capability / 32) as usize];
    half.iter_mut().for_each(|set| *set &= !(1 << (capability % 32)));
    // SAFETY: as above.
    assert_eq!(unsafe { libc::syscall(libc::SYS_capset, &raw const header, data.as_ptr()) }, 0);
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
    let (header, mut data) = ([0x2008_0522u32, 0], [[0u32; 3]; 2]);
    let bit = 1 << (capability % 32);
    data[(capability / 32) as usize] = [bit, bit, 0];
    // SAFETY: both structures are as version 3 has them.
    assert_eq!(unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), data.as_ptr()) }, 0);
}
