//! A control group (version 2) for one test.

use crate::{Folder, Mounts, alone, is_root, proc, proc_is_hidden, skipped};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A control group that this process has joined. Dropping it leaves and removes the group; it panics if a process or a
/// group is left inside.
pub struct Group {
    mounts: Mounts,
    folder: Folder,
    /// The group that this process came from.
    home: PathBuf,
    path: PathBuf,
}

impl Group {
    /// Runs `body` in a process and a control group of its own, and checks that the group is empty at the end.
    #[track_caller]
    pub fn alone(test: &str, body: impl FnOnce(&Group)) {
        if !is_root() {
            return skipped(test, "it makes control groups: needs root");
        }
        if proc_is_hidden() {
            return skipped(test, "/proc tells the group of a process, and is not mounted");
        }
        alone(test, || {
            let group = Group::of_this_process();
            body(&group);
            group.is_clean();
        });
    }

    /// Needs root, /proc and a process of its own, in whose mount namespace it mounts cgroup2 once more.
    pub fn of_this_process() -> Group {
        let (folder, mounts) = (Folder::new(), Mounts::of_this_process());
        mounts.add(c"cgroup2", folder.path(), c"");
        let home = folder.join(own_group().trim_start_matches('/'));
        let path = home.join(format!("test-{}", std::process::id()));
        std::fs::create_dir(&path).expect("a group");
        let group = Group { mounts, folder, home, path };
        group.enter(&group.path);
        group
    }

    /// The folder of the group.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The mount point.
    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// Moves this process into a group.
    pub fn enter(&self, group: &Path) {
        std::fs::write(group.join("cgroup.procs"), std::process::id().to_string()).expect("it enters");
    }

    /// The groups inside that airtight has created.
    pub fn trees(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.path).expect("the group").flatten().map(|entry| entry.path());
        entries
            .filter(|path| path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"airtight-")))
            .collect()
    }

    /// Checks that no group created by airtight is left inside.
    pub fn is_clean(&self) {
        assert_eq!(self.trees(), Vec::<PathBuf>::new(), "a group is left");
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.enter(&self.home);
        if std::thread::panicking() {
            let _ = std::fs::write(self.path.join("cgroup.kill"), "1");
        }
        let removed = removed(&self.path);
        self.mounts.remove(self.folder.path());
        assert!(removed.is_ok() || std::thread::panicking(), "{removed:?}");
    }
}

/// The path of this process's control group (version 2), relative to the root of its mount.
pub fn own_group() -> String {
    let groups = std::fs::read_to_string(proc("self/cgroup")).expect("/proc");
    groups.lines().find_map(|line| line.strip_prefix("0::")).expect("a group of version 2").to_owned()
}

/// Removes a group, with retries: a killed process is a member until the kernel has torn it down.
fn removed(group: &Path) -> std::io::Result<()> {
    let begun = Instant::now();
    loop {
        if std::thread::panicking() {
            remove_below(group);
        }
        let removed = std::fs::remove_dir(group);
        if removed.is_ok() || begun.elapsed() > Duration::from_secs(5) {
            return removed;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn remove_below(group: &Path) {
    for entry in std::fs::read_dir(group).into_iter().flatten().flatten() {
        if entry.path().is_dir() {
            remove_below(&entry.path());
            let _ = std::fs::remove_dir(entry.path());
        }
    }
}
