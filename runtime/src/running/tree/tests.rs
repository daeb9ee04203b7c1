//! Creates, fills, kills and removes groups. Needs root, and mounted control groups of version 2.

use super::{Tree, is_ours, members, place};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsFd, AsRawFd};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::time::{Duration, Instant};

/// A group below which the trees of one test are created.
struct Beneath(PathBuf);

impl Beneath {
    fn new(test: &str) -> Option<Beneath> {
        let skipped = |why: &str| {
            let _ = std::io::stderr().write_all(format!("\nSKIPPED tree::{test}: {why}\n").as_bytes());
        };
        if !nix::unistd::geteuid().is_root() {
            skipped("it makes control groups: needs root");
            return None;
        }
        let made = place::own().ok()?.into_iter().find_map(|own| {
            let path = own.join(format!("test-{test}-{}", std::process::id()));
            std::fs::create_dir(&path).ok().map(|()| Beneath(path))
        });
        if made.is_none() {
            skipped("no control groups of version 2 can be made here");
        }
        made
    }

    fn folder(&self) -> File {
        File::open(&self.0).expect("the group")
    }

    fn make(&self) -> Tree {
        Tree::make(Some(self.folder().as_fd())).expect("a tree")
    }

    /// The directories of the trees below it.
    fn trees(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(&self.0).expect("the group").flatten();
        entries.filter(|entry| is_ours(entry.file_name().as_encoded_bytes())).map(|entry| entry.path()).collect()
    }

    /// Starts a shell that enters a group, reports that, and then runs the script.
    fn enter(&self, group: &Path, script: &str) -> Shell {
        let enter = format!("echo $$ > '{}/cgroup.procs' && {script}", group.display());
        let shell = Command::new("sh").args(["-c", &enter]).spawn().expect("a shell");
        until(|| {
            let own = std::fs::read_to_string(format!("/proc/{}/cgroup", shell.id())).unwrap_or_default();
            own.lines().any(|line| line.starts_with("0::") && line.contains("airtight-"))
        });
        Shell(shell)
    }
}

impl Drop for Beneath {
    fn drop(&mut self) {
        let removed = std::fs::remove_dir(&self.0);
        if std::thread::panicking() {
            // Kills the processes that the test has started.
            let _ = std::fs::write(self.0.join("cgroup.kill"), "1");
        } else {
            removed.expect("nothing is left");
        }
    }
}

/// Repeats until the condition holds: a child of another test shares the locks of this process until it has executed
/// its program.
fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is not so");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Reaped when dropped.
struct Shell(Child);

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until the last member has ended, with the descriptor only.
fn emptied(tree: &Tree) {
    let begun = Instant::now();
    while tree.is_populated() {
        tree.wait_at_most(Duration::from_secs(20));
        assert!(begun.elapsed() < Duration::from_secs(20), "members are left");
    }
}

#[test]
fn all_are_killed_and_the_folder_is_removed() {
    let Some(beneath) = Beneath::new("all_are_killed_and_the_folder_is_removed") else { return };
    let mut tree = beneath.make();
    assert!(tree.fd() > 2 && !tree.is_populated());
    let path = beneath.trees().pop().expect("its folder");
    let _shell = beneath.enter(&path, "(setsid sh -c 'sleep 1000 & sleep 1000' & ) ; sleep 1000 & wait");
    assert!(tree.is_populated() && !tree.remove());
    tree.kill();
    emptied(&tree);
    assert!(tree.remove() && tree.remove() && !path.exists());
    assert!(!tree.is_populated(), "nobody is in what is gone");
    tree.kill();
}

#[test]
fn one_by_one_where_the_kernel_does_not() {
    let Some(beneath) = Beneath::new("one_by_one_where_the_kernel_does_not") else { return };
    let tree = beneath.make();
    let path = beneath.trees().pop().expect("its folder");
    std::fs::create_dir_all(path.join("a/b")).expect("groups below");
    let _outer = beneath.enter(&path, "while :; do (setsid sleep 1000 &); sleep 0.01; done");
    let _inner = beneath.enter(&path.join("a/b"), "(setsid sleep 1000 &) ; sleep 1000");
    members::kill(&tree.folder);
    emptied(&tree);
    drop(tree);
    assert!(!path.exists());
}

#[test]
fn groups_that_the_program_made_are_removed_when_it_has_ended() {
    let Some(beneath) = Beneath::new("groups_that_the_program_made_are_removed_when_it_has_ended") else { return };
    let mut tree = beneath.make();
    let path = beneath.trees().pop().expect("its folder");
    let mut deepest = path.clone();
    (0..40).for_each(|depth| deepest.push(format!("odd  {depth}\t\\040")));
    std::fs::create_dir_all(&deepest).expect("groups below");
    (0..40).for_each(|count| std::fs::create_dir(path.join(format!("flat-{count}"))).expect("a group below"));
    let _shell = beneath.enter(&deepest, "sleep 1000");
    assert!(tree.is_populated() && !tree.remove());
    assert!(path.join("flat-7").exists(), "what lives keeps its groups");
    tree.kill();
    emptied(&tree);
    assert!(tree.remove() && !path.exists());
}

#[test]
fn what_was_left_is_removed_by_the_next() {
    let Some(beneath) = Beneath::new("what_was_left_is_removed_by_the_next") else { return };
    let (kept, left) = (beneath.make(), beneath.make());
    let lives = beneath.0.join("airtight-1-1");
    for path in [&lives, &beneath.0.join("airtight-2-2/below"), &beneath.0.join("airtight-2-2x")] {
        std::fs::create_dir_all(path).expect("a group");
    }
    let shell = beneath.enter(&lives, "exec sleep 1000");
    // Closes the descriptors as the kernel does when it kills a process.
    let [mut left, kept] = [left, kept];
    left.is_removed = true;
    drop(left);
    assert_eq!(beneath.trees().len(), 4);
    until(|| {
        drop(beneath.make());
        beneath.trees().len() == 2
    });
    let of_kept = beneath.0.join(kept.name.to_str().expect("text"));
    assert!(lives.exists() && of_kept.exists(), "something lives in one, and the other is held");
    drop((shell, kept));
    until(|| {
        drop(beneath.make());
        beneath.trees().is_empty()
    });
    std::fs::remove_dir(beneath.0.join("airtight-2-2x")).expect("another name is not ours");
}

#[test]
fn many_at_once() {
    let Some(beneath) = Beneath::new("many_at_once") else { return };
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| (0..50).for_each(|_| drop(beneath.make())));
        }
    });
    assert_eq!(beneath.trees(), Vec::<PathBuf>::new());
}

/// The reason why no group can be created in a directory.
fn reason(folder: &File) -> String {
    Tree::make(Some(folder.as_fd())).map(drop).expect_err("nothing can be made in it").reason
}

#[test]
fn why_none_can_be_made() {
    assert!(reason(&File::open("/tmp").expect("a folder")).contains("it is not a control group"));
    assert!(reason(&File::open("/dev/null").expect("a device")).contains("Not a directory"));
    if let Ok(old) = File::open("/sys/fs/cgroup/memory") {
        assert!(reason(&old).contains("version 1"), "{}", reason(&old));
    }
    let Some(beneath) = Beneath::new("why_none_can_be_made") else { return };
    let path = beneath.0.join("threaded");
    std::fs::create_dir(&path).expect("a group");
    let folder = File::open(&path).expect("a group");
    std::fs::write(path.join("cgroup.max.descendants"), "0").expect("a limit");
    assert!(reason(&folder).contains("`cgroup.max.descendants`"), "{}", reason(&folder));
    std::fs::write(path.join("cgroup.max.descendants"), "max").expect("a limit");
    std::fs::write(path.join("cgroup.type"), "threaded").expect("a type");
    assert!(reason(&folder).contains("it is threaded"), "{}", reason(&folder));
    assert_eq!(std::fs::read_dir(&path).expect("a group").flatten().filter(|entry| entry.path().is_dir()).count(), 0);
    std::fs::remove_dir(&path).expect("nothing is left in it");
    assert!(reason(&folder).contains("it is not there"), "{}", reason(&folder));
    assert!(folder.as_raw_fd() > 2);
}

#[test]
fn names() {
    assert!(is_ours(b"airtight-12-0"));
    for other in ["airtight-", "airtight-1", "airtight-1-", "airtight--1", "airtight-1-2-3", "airtight-test-1-2", "x"] {
        assert!(!is_ours(other.as_bytes()), "{other}");
    }
}
