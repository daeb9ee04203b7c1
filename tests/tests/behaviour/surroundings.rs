//! `cwd`, `umask`, `status`, the lookup of the program.

use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Observed, alone};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

#[test]
fn the_directory() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let resolved = folder.path().canonicalize().expect("the folder is there");
    let cwd = |observed: airtight::Output<_>| -> String { Observed::parse(observed.stdout()).one("cwd").to_owned() };
    assert_eq!(
        cwd(command! { OBSERVER, cwd: folder.path(), stdout: buffer }.run().expect("it runs")),
        resolved.to_str().expect("text")
    );
    assert_eq!(cwd(command! { OBSERVER, cwd: "/", stdout: buffer }.run().expect("it runs")), "/");
    let ours = std::env::current_dir().expect("a directory");
    let none: Option<&Path> = None;
    assert_eq!(
        cwd(command! { OBSERVER, cwd: none, stdout: buffer }.run().expect("it runs")),
        ours.to_str().expect("text")
    );
    assert_eq!(cwd(command! { OBSERVER, stdout: buffer }.run().expect("it runs")), ours.to_str().expect("text"));
}

#[test]
fn the_mask_of_file_modes() {
    let _watch = airtight_tests::Watch::new();
    let mask = |observed: airtight::Output<_>| -> String { Observed::parse(observed.stdout()).one("Umask").to_owned() };
    let ours = mask(command! { OBSERVER, stdout: buffer }.run().expect("it runs"));
    for (computed, seen) in [(0, "0000"), (0o27, "0027"), (0o777, "0777")] {
        assert_eq!(mask(command! { OBSERVER, umask: computed, stdout: buffer }.run().expect("it runs")), seen);
        assert_eq!(mask(command! { OBSERVER, umask: Some(computed), stdout: buffer }.run().expect("it runs")), seen);
    }
    assert_eq!(mask(command! { OBSERVER, umask: 0o137, stdout: buffer }.run().expect("it runs")), "0137");
    assert_eq!(mask(command! { OBSERVER, umask: 0, stdout: buffer }.run().expect("it runs")), "0000");
    assert_eq!(mask(command! { OBSERVER, umask: None, stdout: buffer }.run().expect("it runs")), ours);
    assert_eq!(mask(command! { OBSERVER, stdout: buffer }.run().expect("it runs")), ours, "the parent's is unchanged");
}

#[test]
fn endings() {
    let _watch = airtight_tests::Watch::new();
    let end = |code: u8| command! { ACTOR, args: ["exit", code] };
    assert!(end(0).run().is_ok());
    assert_eq!(end(7).run().unwrap_err().exit_status().and_then(|status| status.code()), Some(7));
    assert_eq!(command! { ..end(7), status: code }.run().expect("any code").status(), 7);
    assert_eq!(command! { ..end(255), status: code }.run().expect("any code").status(), 255);
    assert_eq!(command! { ..end(4), status: success(0, 4) }.run().expect("this code").status(), 4);
    assert!(command! { ..end(3), status: success(0, 4) }.run().is_err());
    assert!(command! { ..end(0), status: success(4) }.run().is_err());
    assert_eq!(command! { ..end(9), status: raw }.run().expect("any end").status().code(), Some(9));
    assert!(command! { ..command! { ..end(9), status: raw }, status: success }.run().is_err());
}

#[test]
fn death_by_a_signal() {
    let _watch = airtight_tests::Watch::new();
    let killed = |signal: i32| command! { ACTOR, args: ["signal", signal] };
    for command in [command! { ..killed(9), status: code }.run().map(drop), killed(9).run().map(drop)] {
        let error = command.unwrap_err();
        assert_eq!(error.exit_status().and_then(|status| status.signal()), Some(9));
        assert_eq!(error.to_string(), format!("`{ACTOR} signal 9` was killed by SIGKILL"));
    }
    assert_eq!(command! { ..killed(15), status: raw }.run().expect("any end").status().signal(), Some(15));
    let realtime = killed(40).run().unwrap_err();
    assert!(realtime.to_string().ends_with("was killed by signal 40"), "{realtime}");
}

#[test]
fn a_name_is_looked_up_in_the_parents_path_only() {
    let _watch = airtight_tests::Watch::new();
    alone("a_name_is_looked_up_in_the_parents_path_only", || {
        let folder = Folder::new();
        let (first, second) = (folder.join("first"), folder.join("second"));
        for directory in [&first, &second] {
            std::fs::create_dir(directory).expect("a folder");
        }
        // The search goes on after a file that is not executable.
        std::fs::write(first.join("tool"), "").expect("a file");
        std::fs::copy(ACTOR, second.join("tool")).expect("a copy");
        std::fs::create_dir(first.join("folder")).expect("a folder");
        std::env::set_current_dir(&second).expect("the folder is there");
        let path = format!("relative::.:{}:{}", first.display(), second.display());
        // SAFETY: no other thread of this process reads the environ.
        unsafe { std::env::set_var("PATH", path) };

        let run = command! { "tool", args: ["stdout", "found"], env: { PATH = "/nonexistent" }, stdout: text };
        assert_eq!(run.run().expect("it is found").stdout(), "found");
        std::fs::set_permissions(second.join("tool"), PermissionsExt::from_mode(0o644)).expect("its mode");
        let error = command! { "tool" }.run().unwrap_err();
        let shown = format!(
            "`tool` was not started: cannot execute `{}`: this user may not execute it",
            first.join("tool").display()
        );
        assert!(error.to_string().starts_with(&shown), "{error}");

        let error = command! { "folder" }.run().unwrap_err();
        let ErrorKind::NotFound { searched, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!(searched, &[first.clone(), second.clone()]);
        let shown = format!("`folder` was not found in `PATH`: searched {}, {}", first.display(), second.display());
        assert_eq!(error.to_string(), shown);
        // SAFETY: as above.
        unsafe { std::env::set_var("PATH", ":.") };
        let error = command! { "tool" }.run().unwrap_err();
        assert_eq!(error.to_string(), "`tool` was not found in `PATH`: `PATH` contains no absolute directory");
    });
}
