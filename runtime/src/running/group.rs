//! Looks for the remaining members of a process group.

use std::os::unix::ffi::OsStrExt;

/// Whether the process group contains a live process other than its leader. `None` if /proc cannot tell: it is not
/// mounted, or belongs to another PID namespace.
pub(super) fn has_others(leader: i32) -> Option<bool> {
    let own = std::process::id().to_string();
    if std::fs::read_link("/proc/self").ok()?.as_os_str() != own.as_str() {
        return None;
    }
    for process in std::fs::read_dir("/proc").ok()?.flatten() {
        let name = process.file_name();
        if !name.as_bytes().first().is_some_and(u8::is_ascii_digit) {
            continue;
        }
        // A process that has ended meanwhile is not a member.
        if name.as_bytes() != leader.to_string().as_bytes()
            && let Ok(stat) = std::fs::read(process.path().join("stat"))
            && is_member(&stat, leader)
        {
            return Some(true);
        }
    }
    Some(false)
}

/// Parses `pid (name) state ppid pgrp …`. The name may contain any bytes. See proc_pid_stat(5).
fn is_member(stat: &[u8], group: i32) -> bool {
    let Some(end) = stat.iter().rposition(|byte| *byte == b')') else { return true };
    let mut fields = stat[end + 1..].split(|byte| *byte == b' ').filter(|field| !field.is_empty());
    let state = fields.next().unwrap_or_default();
    let number = fields.nth(1).and_then(|field| std::str::from_utf8(field).ok()).and_then(|text| text.parse().ok());
    number == Some(group) && !matches!(state, b"Z" | b"X")
}

#[cfg(test)]
mod tests {
    use super::is_member;

    #[test]
    fn the_group_is_read_behind_a_name_of_any_bytes() {
        assert!(is_member(b"7 (a) b (c) S 1 42 42 0 -1", 42));
        assert!(!is_member(b"7 (a) S 42 1 42 0 -1", 42));
        assert!(!is_member(b"7 (a) Z 1 42 42 0 -1", 42), "a zombie needs no signal");
    }
}
