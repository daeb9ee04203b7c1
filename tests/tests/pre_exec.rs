//! The closure that runs in the child before exec.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Observed, alone, is_root, no_children, proc, skipped};
use std::io::{Error, ErrorKind as IoKind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

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
    // SAFETY: other threads of the harness may hold the lock of the allocator, which libc resets in a forked child, and
    // no other lock that the closure needs.
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
    let cat = command! {
        "cat",
        args: [proc("self/status")],
        user: "nobody",
        caps: clear,
        pre_exec: unsafe { ask },
        stdout: text,
    };
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

/// A closure that enters a directory by a descriptor that it owns; the program must not inherit that.
fn entering(path: &str) -> impl FnMut() -> std::io::Result<()> + Send + 'static {
    let directory = std::fs::File::open(path).expect("a directory");
    move || Ok(nix::unistd::fchdir(&directory)?)
}

#[test]
fn it_sees_the_descriptors_that_it_owns_and_the_program_does_not() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    // SAFETY: the closure makes one system call.
    let output = command! { OBSERVER, stdout: buffer, pre_exec: unsafe { entering("/usr/lib") } }.run();
    let seen = Observed::parse(output.expect("it runs").stdout());
    assert_eq!((seen.one("cwd"), seen.fds().into_keys().collect::<Vec<_>>()), ("/usr/lib", vec![0, 1, 2]));
    let report = folder.join("report");
    let daemon = command! { OBSERVER, daemonize, stdout: file(&report) };
    // The observer writes its report with a single call.
    let waits = || {
        while std::fs::read(&report).expect("a report").is_empty() {
            std::thread::sleep(Duration::from_millis(5));
        }
        let seen = Observed::parse(&std::fs::read(&report).expect("a report"));
        (seen.one("cwd").to_owned(), seen.fds().into_keys().collect::<Vec<_>>())
    };
    let expected = ("/usr/lib".to_owned(), vec![0, 1, 2]);
    // SAFETY: as above.
    command! { ..daemon.clone(), pre_exec: unsafe { entering("/usr/lib") } }.run().expect("it starts");
    assert_eq!(waits(), expected);
    // SAFETY: as above.
    let pending = command! { ..daemon, pre_exec: unsafe { entering("/usr/lib") }, handshake }.spawn();
    pending.expect("it starts").proceed().expect("it runs");
    assert_eq!(waits(), expected);
}

#[test]
fn none_of_its_descriptors_is_overwritten_by_another() {
    let _watch = airtight_tests::Watch::new();
    alone("none_of_its_descriptors_is_overwritten_by_another", || {
        use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
        use std::os::unix::fs::MetadataExt;
        let at = |path: &str, number| {
            let file = std::fs::File::open(path).expect("a device");
            // SAFETY: a number that nothing uses.
            assert_eq!(unsafe { libc::dup2(file.as_raw_fd(), number) }, number);
            // SAFETY: just opened, and nothing else owns it.
            unsafe { OwnedFd::from_raw_fd(number) }
        };
        let (null, zero) = (at("/dev/null", 60), at("/dev/zero", 61));
        let root = std::fs::File::open("/").expect("a directory");
        let files: Vec<_> = (0..20).map(|_| std::fs::File::open("/etc/passwd").expect("a file")).collect();
        let inode = files[0].metadata().expect("a file").ino();
        let check = move || match files.iter().all(|file| file.metadata().is_ok_and(|data| data.ino() == inode)) {
            true => Ok(()),
            false => Err(Error::other("one is another file")),
        };
        // A cycle, for which one descriptor moves aside; the null device; a working directory.
        // SAFETY: the closure only asks.
        let command = command! {
            OBSERVER,
            cwd: fd(&root),
            stdin: null,
            stdout: buffer,
            fds: [61 = &null, 60 = &zero],
            pre_exec: unsafe { check },
        };
        let seen = Observed::parse(command.run().expect("it runs").stdout());
        let fds = seen.fds();
        assert_eq!(fds.keys().copied().collect::<Vec<_>>(), [0, 1, 2, 60, 61]);
        assert_eq!((fds[&60], fds[&61]), ("/dev/zero", "/dev/null"));
    });
}

#[test]
fn a_daemons_pidfile_stays_locked_behind_it() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let path = folder.join("x.pid");
    let file = std::fs::File::options().create(true).truncate(false).write(true).open(&path).expect("a file");
    // To close any descriptor of a file releases the process's POSIX locks on it: the closure's must be closed first.
    let owns = move || file.metadata().map(drop);
    // SAFETY: the closure only asks.
    let daemon = command! { "sleep", args: [60], daemonize, pidfile: &path, pre_exec: unsafe { owns } };
    let daemon = daemon.run().expect("it starts");
    let error = command! { "sleep", args: [60], daemonize, pidfile: &path }.run().expect_err("it is locked");
    assert!(error.to_string().contains(&format!("process {} holds the lock", daemon.id())), "{error}");
    // SAFETY: takes no pointers.
    unsafe { libc::kill(daemon.id() as i32, libc::SIGKILL) };
}

#[test]
fn a_daemon_that_waits_keeps_no_other_command_waiting() {
    let _watch = airtight_tests::Watch::new();
    let first = command! { "true", handshake }.spawn().expect("it starts");
    // SAFETY: the closure does nothing.
    let daemon = command! { "true", daemonize, handshake, pre_exec: unsafe { || Ok(()) } };
    let second = daemon.spawn().expect("it starts");
    // SAFETY: as above.
    let third = command! { "true", daemonize, handshake, pre_exec: unsafe { || Ok(()) } }.spawn().expect("it starts");
    first.abort();
    drop(second);
    third.proceed().expect("it runs");
}

#[test]
fn one_that_does_not_return_has_the_time_of_its_command() {
    let _watch = airtight_tests::Watch::new();
    let hang = || {
        std::thread::sleep(Duration::from_secs(60));
        Ok(())
    };
    let time = Duration::from_millis(200);
    let is_timeout = |error: airtight::Error| assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    let begun = Instant::now();
    // SAFETY: the closure only sleeps.
    is_timeout(command! { "true", timeout: time, pre_exec: unsafe { hang } }.run().unwrap_err());
    // SAFETY: as above.
    is_timeout(command! { "true", timeout: time, pre_exec: unsafe { hang } }.spawn().map(drop).unwrap_err());
    // SAFETY: as above.
    is_timeout(command! { "true", timeout: time, handshake, pre_exec: unsafe { hang } }.spawn().map(drop).unwrap_err());
    assert!((3 * time..Duration::from_secs(20)).contains(&begun.elapsed()), "{:?}", begun.elapsed());
}
