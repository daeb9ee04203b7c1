//! The state of another process, read from /proc. See proc_pid_stat(5).

use std::path::Path;

/// The fields that are looked at.
pub(crate) struct Stat {
    state: u8,
    parent: i32,
    group: i32,
}

impl Stat {
    /// `None` if /proc cannot tell: there is no such process, or [`is_ours`] is false.
    pub(crate) fn of(pid: i32) -> Option<Stat> {
        is_ours().then(|| Stat::read(&Path::new("/proc").join(pid.to_string())))?
    }

    /// That of the process whose folder in /proc this is.
    pub(crate) fn read(folder: &Path) -> Option<Stat> {
        Stat::parse(&std::fs::read(folder.join("stat")).ok()?)
    }

    /// Parses `pid (name) state ppid pgrp …`. The name may contain any bytes.
    fn parse(stat: &[u8]) -> Option<Stat> {
        let end = stat.iter().rposition(|byte| *byte == b')')?;
        let mut fields = stat[end + 1..].split(|byte| *byte == b' ').filter(|field| !field.is_empty());
        let state = *fields.next()?.first()?;
        let mut number = || std::str::from_utf8(fields.next()?).ok()?.parse().ok();
        Some(Stat { state, parent: number()?, group: number()? })
    }

    /// Whether it has ended: as a zombie it waits to be reaped.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }

    /// Whether this process is its parent.
    pub(crate) fn is_child(&self) -> bool {
        u32::try_from(self.parent) == Ok(std::process::id())
    }

    pub(crate) fn is_in_group(&self, group: i32) -> bool {
        self.group == group
    }
}

/// Whether /proc shows the processes of this PID namespace. It may be unmounted, or belong to another one.
pub(crate) fn is_ours() -> bool {
    let own = std::process::id().to_string();
    std::fs::read_link("/proc/self").is_ok_and(|link| link.as_os_str() == own.as_str())
}

#[cfg(test)]
mod tests {
    use super::Stat;

    #[test]
    fn the_fields_stand_behind_a_name_of_any_bytes() {
        let member = |stat: &[u8]| Stat::parse(stat).is_some_and(|stat| stat.is_in_group(42) && !stat.is_over());
        assert!(member(b"7 (a) b (c) S 1 42 42 0 -1"));
        assert!(!member(b"7 (a) S 42 1 42 0 -1"));
        assert!(!member(b"7 (a) Z 1 42 42 0 -1"), "a zombie needs no signal");
        assert!(!member(b"7 (a"));
        assert!(Stat::of(std::process::id() as i32).is_none_or(|own| !own.is_over() && !own.is_child()));
    }
}
