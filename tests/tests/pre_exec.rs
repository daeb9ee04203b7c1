//! The closure that runs in the child before exec.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Observed, alone, is_root, no_children, proc, skipped};
use std::io::{Error, ErrorKind as IoKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

fn source(error: &airtight::Error) -> &Error {
    match error.kind() {
        ErrorKind::Start { step: Step::PreExec, source, .. } => source,
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_runs_in_the_child_before_the_directory_changes() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (counted, marked) = (Arc::new(AtomicU32::new(0)), folder.join("mark"));
    let (count, mark) = (Arc::clone(&counted), marked.clone());
    let here = std::env::current_dir().expect("a directory");
    let hook = move || {
        count.fetch_add(1, Ordering::Relaxed);
        std::fs::write(&mark, std::env::current_dir()?.as_os_str().as_encoded_bytes())
    };
    // SAFETY: this process has threads, but the test harness's hold no lock that the closure needs but the allocator's,
    // which libc frees in a forked child.
    let output = command! { OBSERVER, cwd: "/", pre_exec: unsafe { hook }, stdout: buffer }.run().expect("it runs");
    let observed = Observed::parse(output.stdout());
    assert_eq!(std::fs::read_to_string(marked).expect("it ran"), here.to_str().expect("text"));
    assert_eq!((observed.one("cwd"), observed.signals("SigIgn"), observed.signals("SigBlk")), ("/", 0, 0));
    assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2]);
    assert_eq!(counted.load(Ordering::Relaxed), 0, "the parent's memory is its own");
}

#[test]
fn its_error_comes_back_whole() {
    let _watch = airtight_tests::Watch::new();
    alone("its_error_comes_back_whole", || {
        let errno = || Err::<(), _>(Error::from_raw_os_error(libc::ENOTTY));
        // SAFETY: the closures only make errors.
        let error = command! { "true", pre_exec: unsafe { errno } }.run().unwrap_err();
        assert_eq!(source(&error).raw_os_error(), Some(libc::ENOTTY));
        assert_eq!(
            error.to_string(),
            format!("`true` was not started: cannot run the `pre_exec` of `/usr/bin/true`: {}", errno().unwrap_err())
        );
        // SAFETY: as above.
        let error =
            command! { "true", pre_exec: unsafe { || Err(Error::new(IoKind::NotFound, "the key is not loaded")) } };
        let error = error.run().unwrap_err();
        assert_eq!(source(&error).to_string(), "the key is not loaded");
        let long = "x".repeat(2000);
        // SAFETY: as above.
        let error =
            command! { "true", pre_exec: unsafe { move || Err(Error::other(long.clone())) } }.run().unwrap_err();
        assert!(source(&error).to_string().starts_with("xxxxx"));
        // SAFETY: the closure panics, which stays in the child.
        let error = command! { "true", pre_exec: unsafe { || panic!("in the child") } }.run().unwrap_err();
        assert_eq!(source(&error).to_string(), "the closure panicked");
        no_children();
    });
}

#[test]
fn it_runs_before_the_identity_changes() {
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return skipped("it_runs_before_the_identity_changes", "it changes ids: needs root");
    }
    // SAFETY: the closure only asks.
    let ask = || if unsafe { libc::geteuid() } == 0 { Ok(()) } else { Err(Error::other("too late")) };
    // SAFETY: as above.
    let cat = command! { "cat", args: [proc("self/status")], user: "nobody", caps: clear, pre_exec: unsafe { ask }, stdout: text };
    let output = cat.run().expect("it runs");
    assert!(output.stdout().contains("Uid:\t65534") && output.stdout().contains("CapEff:\t0000000000000000"));
}

#[test]
fn clones_and_daemons_run_it_too() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let mark = folder.join("marks");
    let append = move || {
        use std::io::Write;
        std::fs::File::options().create(true).append(true).open(&mark)?.write_all(b"x")
    };
    // SAFETY: the closure allocates and writes, which libc allows in a forked child.
    let command = command! { "true", pre_exec: unsafe { append } };
    command.clone().run().expect("it runs");
    command.clone().spawn().expect("it starts").wait().expect("it runs");
    command! { ..command, daemonize }.run().expect("it starts");
    assert_eq!(std::fs::read(folder.join("marks")).expect("it ran"), b"xxx");
}
