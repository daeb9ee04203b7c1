//! Programs of another user, started through a stage, or through a copy of this process where no stage can run.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Observed, Refused, alone, has_clone3, is_root, proc_is_hidden, refuse, skipped};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// Runs `body` as root, in a process of its own in which these calls are refused.
fn where_refused(test: &str, calls: &[i64], body: impl Fn()) {
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return skipped(test, "it changes ids: needs root");
    }
    if calls == NO_COPY && !has_clone3() {
        return skipped(test, "it needs clone3, which is refused here");
    }
    if calls == NO_COPY && proc_is_hidden() {
        return skipped(test, "without /proc the runtime makes a copy, since it cannot see whether it is confined");
    }
    alone(test, || {
        let refused: Vec<_> = calls.iter().map(|&call| Refused { call, operand: None, errno: libc::EPERM }).collect();
        refuse(&refused);
        // The runtime remembers a refusal: the second start uses the fallback at once.
        body();
        body();
    });
}

/// Without clone(2), only clone3(2) creates a process: a copy cannot be made, so the stage must work.
const NO_COPY: &[i64] = &[libc::SYS_clone];

/// A copy of the observer that any user can execute.
fn observer(folder: &Folder) -> PathBuf {
    let copy = folder.join("observer");
    std::fs::copy(OBSERVER, &copy).expect("a copy of the observer");
    std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o755)).expect("its mode");
    copy
}

fn words<'o>(observed: &'o Observed, key: &str) -> Vec<&'o str> {
    // The observer escapes a tab.
    observed.one(key).split("\\t").flat_map(str::split_whitespace).collect()
}

/// Checks that the program gets all that is declared, and nothing else.
fn everything_arrives() {
    let folder = Folder::new();
    let observer = observer(&folder);
    let file = std::fs::File::open("/dev/zero").expect("a device");
    let output = command! {
        &observer,
        argv0: "zero",
        args: ["one", "", "three"],
        env: empty + { SAID = "this" },
        cwd: "/usr",
        stdout: buffer,
        uid: 1234,
        gid: 2345,
        groups: [3456, 4567],
        caps: clear,
        no_new_privs,
        pdeathsig: SIGKILL,
        umask: 0o027,
        limits: [nofile = 77],
        nice: 5,
        session,
        fds: [5 = &file],
    };
    let output = output.run().unwrap();
    let seen = Observed::parse(output.stdout());
    assert_eq!((seen.argv0(), seen.args()), ("zero", vec!["one", "", "three"]));
    assert_eq!((seen.env(), seen.one("cwd")), (vec!["SAID=this"], "/usr"));
    assert_eq!((words(&seen, "Uid"), words(&seen, "Gid")), (vec!["1234"; 4], vec!["2345"; 4]));
    assert_eq!(words(&seen, "Groups"), ["3456", "4567"]);
    for set in ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"] {
        assert_eq!(seen.signals(set), 0, "{set}");
    }
    assert_eq!((seen.one("NoNewPrivs"), seen.one("Umask")), ("1", "0027"));
    assert_eq!(seen.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2, 5], "{:?}", seen.fds());
}

fn failures_are_told() {
    let folder = Folder::new();
    let observer = observer(&folder);
    let failed = |error: airtight::Error| match error.kind() {
        ErrorKind::Start { step, operand, .. } => (*step, operand.clone(), error.to_string()),
        other => panic!("{other:?}"),
    };
    std::fs::set_permissions(&observer, PermissionsExt::from_mode(0o700)).expect("its mode");
    let (step, _, shown) = failed(command! { &observer, user: "nobody" }.run().unwrap_err());
    assert_eq!(step, Step::Exec, "{shown}");
    assert!(shown.contains("Permission denied"), "{shown}");
    let closed = folder.join("closed");
    std::fs::create_dir(&closed).expect("a folder");
    std::fs::set_permissions(&closed, PermissionsExt::from_mode(0o700)).expect("its mode");
    let (step, operand, shown) = failed(command! { "true", user: "nobody", cwd: &closed }.run().unwrap_err());
    assert_eq!((step, Path::new(&operand)), (Step::Chdir, closed.as_path()), "{shown}");
    let (step, operand, shown) =
        failed(command! { "true", uid: 1, gid: 1, groups: [1], limits: [nofile = (64, 1 << 40)] }.run().unwrap_err());
    assert_eq!((step, operand.as_str()), (Step::Limit, "nofile"), "{shown}");
    let many: Vec<u32> = vec![1; 70_000];
    let (step, operand, shown) = failed(command! { "true", uid: 1, gid: 1, groups: many }.run().unwrap_err());
    assert_eq!((step, operand.as_str()), (Step::Groups, "70000"), "{shown}");
    let long = "x".repeat(200_000);
    let (step, _, shown) = failed(command! { "true", args: [long], user: "nobody" }.run().unwrap_err());
    assert_eq!(step, Step::Exec, "{shown}");
    assert!(shown.contains("argument 1 is 200000 bytes long, and the kernel allows 131071"), "{shown}");
    let error = command! { "/nonexistent/program", user: "nobody" }.run().unwrap_err();
    assert_eq!(error.to_string(), "`/nonexistent/program` does not exist");
    // Every failure leaves the process able to start the next one.
    command! { "true", user: "nobody" }.run().unwrap();
}

#[test]
fn everything_arrives_without_a_copy() {
    where_refused("everything_arrives_without_a_copy", NO_COPY, everything_arrives);
}

#[test]
fn failures_are_told_without_a_copy() {
    where_refused("failures_are_told_without_a_copy", NO_COPY, failures_are_told);
}

#[test]
fn everything_arrives_without_files_in_memory() {
    where_refused("everything_arrives_without_files_in_memory", &[libc::SYS_memfd_create], everything_arrives);
}

#[test]
fn everything_arrives_where_no_such_file_is_executed() {
    where_refused("everything_arrives_where_no_such_file_is_executed", &[libc::SYS_execveat], everything_arrives);
}

#[test]
fn failures_are_told_where_no_such_file_is_executed() {
    where_refused("failures_are_told_where_no_such_file_is_executed", &[libc::SYS_execveat], failures_are_told);
}

#[test]
fn everything_arrives_without_clone3() {
    where_refused("everything_arrives_without_clone3", &[libc::SYS_clone3], everything_arrives);
}

#[test]
fn many_descriptors_and_a_directory() {
    let test = "many_descriptors_and_a_directory";
    where_refused(test, NO_COPY, || {
        let folder = Folder::new();
        let observer = observer(&folder);
        let directory = std::fs::File::open("/usr/lib").expect("a directory");
        let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/dev/zero").expect("a device")).collect();
        // Other open descriptors, which must not be passed.
        let others: Vec<_> = (0..20).map(|_| std::fs::File::open("/dev/null").expect("a device")).collect();
        let (first, last) = (&files[0], &files[19]);
        let command = command! {
            &observer,
            cwd: fd(&directory),
            fds: [3 = first, 60 = last],
            stdout: buffer,
            stderr: buffer,
            user: "nobody",
        };
        let output = command.run().unwrap();
        drop(others);
        let seen = Observed::parse(output.stdout());
        assert_eq!(seen.one("cwd"), "/usr/lib");
        assert_eq!(seen.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2, 3, 60], "{:?}", seen.fds());
    });
}

#[test]
fn a_securebit_takes_nothing_from_it() {
    let test = "a_securebit_takes_nothing_from_it";
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return skipped(test, "it changes ids: needs root");
    }
    alone(test, || {
        // With SECBIT_NOROOT root loses its capabilities at exec, so no stage can change ids: the runtime uses a copy.
        const SECBIT_NOROOT: i32 = 1;
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECUREBITS, SECBIT_NOROOT) }, 0);
        everything_arrives();
    });
}
