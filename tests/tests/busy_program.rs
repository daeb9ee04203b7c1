//! exec of a program that is open for writing is retried for a second: another process may just have written it.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Watch, is_root, skipped};
use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A program that is open for writing.
fn being_written(folder: &Folder) -> (PathBuf, File) {
    let path = folder.join("program");
    let mut file = File::create(&path).expect("a file");
    file.set_permissions(PermissionsExt::from_mode(0o755)).expect("its mode");
    let mut probe = File::open(env!("CARGO_BIN_EXE_probe")).expect("the probe");
    std::io::copy(&mut probe, &mut file).expect("its content");
    (path, file)
}

/// Each way to execve(2): in a child, in a daemon, after a change of ids.
fn start(path: &PathBuf, way: &str) -> Result<(), airtight::Error> {
    match way {
        "child" => command! { path, args: ["check", 0] }.run().map(drop),
        "daemon" => command! { path, args: ["check", 0], daemonize }.run().map(drop),
        "ids" => command! { path, args: ["check", 0], uid: 65534, gid: 65534, groups: [] }.run().map(drop),
        other => unreachable!("{other}"),
    }
}

fn for_each_way(test: &str, case: fn(&str)) {
    let _watch = Watch::new();
    std::thread::scope(|scope| {
        scope.spawn(|| case("child"));
        scope.spawn(|| case("daemon"));
        if is_root() {
            scope.spawn(|| case("ids"));
        } else {
            skipped(test, "to change ids needs root");
        }
    });
}

#[test]
fn it_runs_once_it_is_written() {
    for_each_way("it_runs_once_it_is_written", |way| {
        let folder = Folder::new();
        let (path, file) = being_written(&folder);
        let begun = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(move || {
                std::thread::sleep(Duration::from_millis(200));
                drop(file);
            });
            start(&path, way).unwrap_or_else(|error| panic!("{way}: {error}"));
        });
        assert!(begun.elapsed() >= Duration::from_millis(200), "{way}: it could not run before");
    });
}

#[test]
fn it_fails_after_a_second() {
    for_each_way("it_fails_after_a_second", |way| {
        let folder = Folder::new();
        let (path, _file) = being_written(&folder);
        let begun = Instant::now();
        let error = start(&path, way).unwrap_err();
        let is_exec = matches!(error.kind(), ErrorKind::Start { step: Step::Exec, .. });
        assert!(is_exec, "{way}: {error:?}");
        let shown = path.display();
        assert!(error.to_string().ends_with(&format!("cannot execute `{shown}`: it is open for writing")), "{error}");
        // A loaded machine may be late, but not early.
        assert!((Duration::from_secs(1)..Duration::from_secs(10)).contains(&begun.elapsed()), "{way}");
    });
}
