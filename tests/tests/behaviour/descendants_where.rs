//! `descendants: kill` creates a control group for the program: where it can, and the error where it cannot.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Group, is_part, own_group, part};
use std::fs::File;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;

/// Runs the part `test` as an ordinary user, without root's access to control groups.
fn as_nobody(test: &str) {
    const NOBODY: u32 = 65534;
    let output = part(test).uid(NOBODY).gid(NOBODY).output().expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}\n{said}", String::from_utf8_lossy(&output.stdout));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 passed"));
}

#[test]
fn of_an_ordinary_user_in_a_delegated_group() {
    const TEST: &str = "of_an_ordinary_user_in_a_delegated_group";
    if is_part(TEST) {
        let leaves = "(setsid sh -c 'trap \"\" TERM; while :; do sleep 1; done' &) ; cat /proc/self/cgroup";
        let ran = command! { "sh", shell_script: verbatim(leaves), stdout: text, descendants: kill }.run();
        let output = ran.expect("it runs, and nobody holds its output");
        let within = format!("0::{}/airtight-{}-", own_group(), std::process::id());
        return assert!(output.stdout().contains(&within), "{}", output.stdout());
    }
    Group::alone(TEST, |group| {
        let path = group.path().join("delegated");
        std::fs::create_dir(&path).expect("a group");
        for name in ["", "cgroup.procs", "cgroup.threads", "cgroup.subtree_control"] {
            chown(path.join(name), Some(65534), Some(65534)).expect("it is given away");
        }
        group.enter(&path);
        as_nobody(TEST);
        group.enter(group.path());
        std::fs::remove_dir(&path).expect("nothing is left in it");
    });
}

/// The error where no group can be created; checks that nothing was started.
fn refused(declared: Option<&File>) -> String {
    let folder = Folder::new();
    let touch = command! { "touch", args: [folder.join("touched")], descendants: kill };
    let ran = match declared {
        Some(group) => command! { ..touch, cgroup: fd(group) }.run(),
        None => touch.run(),
    };
    let error = ran.map(drop).expect_err("no group can be made");
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::MakeCgroup, .. }), "{error:?}");
    assert!(!folder.join("touched").exists(), "it was started");
    assert_eq!(error.to_string().lines().count(), 1, "{error}");
    error.to_string()
}

#[test]
fn where_nothing_was_delegated() {
    const TEST: &str = "where_nothing_was_delegated";
    if is_part(TEST) {
        let said = refused(None);
        assert!(said.starts_with("`touch` was not started: cannot create a control group in `/"), "{said}");
        return assert!(said.contains(" by this user: run this process in a group that was delegated to it"), "{said}");
    }
    Group::alone(TEST, |group| {
        as_nobody(TEST);
        // Access to the folder is not enough: to move a process there, one needs write access to `cgroup.procs` of the
        // common ancestor.
        let path = group.path().join("half");
        std::fs::create_dir(&path).expect("a group");
        chown(&path, Some(65534), Some(65534)).expect("it is given away");
        group.enter(&path);
        as_nobody(TEST);
        group.enter(group.path());
        std::fs::remove_dir(&path).expect("nothing is left in it");
    });
}

#[test]
fn in_what_is_no_group() {
    let _watch = airtight_tests::Watch::new();
    let said = refused(Some(&File::open("/tmp").expect("a folder")));
    assert!(said.contains("it is not a control group: declare the directory of one of version 2"), "{said}");
}
