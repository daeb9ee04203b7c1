//! Looks for the remaining members of a process group.

use crate::spawn::stat::{self, Stat};
use std::os::unix::ffi::OsStrExt;

/// Whether the process group contains a live process other than its leader. `None` if /proc cannot tell.
pub(super) fn has_others(leader: i32) -> Option<bool> {
    if !stat::is_ours() {
        return None;
    }
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        if !name.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        // A process that has ended meanwhile is not a member.
        let is_member = |stat: Stat| stat.is_in_group(leader) && !stat.is_over();
        if name.as_bytes() != leader.to_string().as_bytes() && Stat::read(&process.path()).is_some_and(is_member) {
            return Some(true);
        }
    }
    Some(false)
}
