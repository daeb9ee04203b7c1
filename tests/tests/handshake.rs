//! Commands that wait before exec until the parent releases them.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Observed, alone, gone, no_children, proc};
use std::io::{Read, Write};
use std::time::{Duration, Instant};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

#[test]
fn the_program_is_executed_at_the_word_and_not_before() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let pending = command! { "touch", args: ["--", &proof], handshake }.spawn().expect("it starts");
    let pid = pending.id();
    assert!(std::fs::exists(proc(pid)).expect("/proc"));
    std::thread::sleep(Duration::from_millis(50));
    assert!(!proof.exists(), "it did not wait");
    let child = pending.proceed().expect("it goes on");
    assert_eq!(child.id(), pid, "the process is the same");
    child.wait().expect("it succeeds");
    assert!(proof.exists());
}

#[test]
fn the_child_is_as_clean_as_any() {
    let _watch = airtight_tests::Watch::new();
    let pending = command! { OBSERVER, args: ["-x"], cwd: "/", umask: 0o027, stdin: pipe, stdout: pipe, handshake };
    let mut child = pending.spawn().expect("it starts").proceed().expect("it goes on");
    drop(child.take_stdin());
    let mut report = Vec::new();
    child.take_stdout().expect("a pipe").read_to_end(&mut report).expect("its end");
    child.wait().expect("it succeeds");
    let observed = Observed::parse(&report);
    assert_eq!((observed.args(), observed.one("cwd"), observed.one("Umask")), (vec!["-x"], "/", "0027"));
    assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2], "{:?}", observed.fds());
    assert_eq!((observed.signals("SigBlk"), observed.signals("SigIgn")), (0, 0));
}

#[test]
fn several_wait_at_once() {
    let _watch = airtight_tests::Watch::new();
    let waiting: Vec<_> =
        (0..8).map(|_| command! { "cat", stdin: pipe, stdout: pipe, handshake }.spawn().expect("it starts")).collect();
    for pending in waiting.into_iter().rev() {
        let mut child = pending.proceed().expect("it goes on");
        child.take_stdin().expect("a pipe").write_all(b"x").expect("it reads");
        assert_eq!(std::io::read_to_string(child.take_stdout().expect("a pipe")).expect("text"), "x");
        child.wait().expect("it succeeds");
    }
}

#[test]
fn what_fails_before_the_word_and_after_it() {
    let _watch = airtight_tests::Watch::new();
    alone("what_fails_before_the_word_and_after_it", || {
        let before = command! { "true", cwd: "/nonexistent", handshake }.spawn().unwrap_err();
        assert!(matches!(before.kind(), ErrorKind::Start { step: Step::Chdir, .. }), "{before:?}");
        let after = command! { "/nonexistent", handshake }.spawn().expect("it waits").proceed().unwrap_err();
        assert_eq!(after.to_string(), "`/nonexistent` does not exist");
        // A script that exists, with an interpreter that does not.
        let folder = Folder::new();
        let script = folder.join("script");
        std::fs::write(&script, "#!/nonexistent/interpreter\n").expect("a file");
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its mode");
        let after = command! { script, handshake }.spawn().expect("it waits").proceed().unwrap_err();
        assert!(after.to_string().ends_with("its interpreter `/nonexistent/interpreter` does not exist"), "{after}");
        // A child that is killed while it waits is reported.
        let pending = command! { "true", handshake }.spawn().expect("it starts");
        // SAFETY: the child of this test, which waits.
        unsafe { libc::kill(pending.id() as i32, libc::SIGKILL) };
        let dead = pending.proceed().unwrap_err();
        assert!(matches!(dead.kind(), ErrorKind::Start { step: Step::Handshake, .. }), "{dead:?}");
        no_children();
    });
}

#[test]
fn aborted_or_dropped_nothing_is_executed_and_nothing_left() {
    let _watch = airtight_tests::Watch::new();
    alone("aborted_or_dropped_nothing_is_executed_and_nothing_left", || {
        let folder = Folder::new();
        let proof = folder.join("proof");
        let touch = || command! { "touch", args: ["--", &proof], handshake }.spawn().expect("it starts");
        let before = std::fs::read_dir(proc("self/fd")).expect("/proc").count();
        let (dropped, aborted) = (touch(), touch());
        let pids = [dropped.id(), aborted.id()];
        drop(dropped);
        aborted.abort();
        for pid in pids {
            assert!(!std::fs::exists(proc(pid)).expect("/proc"), "{pid} is still there");
        }
        assert!(!proof.exists(), "it was executed");
        assert_eq!(std::fs::read_dir(proc("self/fd")).expect("/proc").count(), before, "a descriptor is left");
    });
}

#[test]
fn a_parent_that_ends_without_a_word_takes_the_child_with_it() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (proof, pid) = (folder.join("proof"), folder.join("pid"));
    // SAFETY: the child starts one command and exits; libc resets the locks that it needs in a forked child.
    let parent = unsafe { libc::fork() };
    if parent == 0 {
        let pending = command! { "touch", args: ["--", &proof], handshake }.spawn();
        let number = pending.as_ref().map_or(0, airtight::Pending::id);
        let _ = std::fs::write(&pid, number.to_string());
        std::mem::forget(pending);
        // SAFETY: ends the process without more ado.
        unsafe { libc::_exit(0) };
    }
    // SAFETY: waits for the process that was just made.
    assert_eq!(unsafe { libc::waitpid(parent, std::ptr::null_mut(), 0) }, parent);
    let pid: u32 = std::fs::read_to_string(pid).expect("it was written").parse().expect("a number");
    assert!(pid > 0);
    gone(pid);
    assert!(!proof.exists(), "it was executed");
}

#[test]
fn a_daemon_waits_too() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let pidfile = folder.join("sleep.pid");
    let sleep = || command! { "sleep", args: [60], daemonize, pidfile: &pidfile, handshake };
    let pending = sleep().spawn().expect("it starts");
    assert!(pidfile.exists(), "all but exec is done");
    let daemon = pending.proceed().expect("it goes on");
    assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", daemon.id()));
    // SAFETY: the daemon of this test.
    unsafe { libc::kill(daemon.id() as i32, libc::SIGKILL) };
    gone(daemon.id());
    sleep().spawn().expect("it starts").abort();
    assert!(!pidfile.exists(), "an aborted daemon leaves no pidfile");
    let missing = command! { "/nonexistent", daemonize, pidfile: &pidfile, handshake };
    assert_eq!(missing.spawn().expect("it waits").proceed().unwrap_err().to_string(), "`/nonexistent` does not exist");
    assert!(!pidfile.exists());
}

#[test]
fn a_daemon_of_a_parent_that_is_gone_is_not_executed() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (proof, pidfile) = (folder.join("proof"), folder.join("x.pid"));
    // SAFETY: the child starts one command and exits; libc resets the locks that it needs in a forked child.
    let parent = unsafe { libc::fork() };
    if parent == 0 {
        let touch = command! { "touch", args: ["--", &proof], daemonize, pidfile: &pidfile, handshake };
        std::mem::forget(touch.spawn());
        // SAFETY: ends the process without more ado.
        unsafe { libc::_exit(i32::from(!pidfile.exists())) };
    }
    let mut status = -1;
    // SAFETY: waits for the process that was just made.
    assert_eq!((unsafe { libc::waitpid(parent, &raw mut status, 0) }, status), (parent, 0));
    let begun = Instant::now();
    while pidfile.exists() {
        assert!(begun.elapsed() < Duration::from_secs(10), "the pidfile is left");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!proof.exists(), "it was executed");
}

#[test]
fn with_a_closure_and_from_a_base() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let mark = folder.join("mark");
    let write = {
        let mark = mark.clone();
        move || std::fs::write(&mark, "x")
    };
    let base = command! { "true" };
    // SAFETY: the closure allocates and writes, which libc allows in a forked child.
    let pending = command! { ..base, handshake, pre_exec: unsafe { write } }.spawn().expect("it starts");
    assert!(mark.exists(), "it ran before the word");
    pending.proceed().expect("it goes on").wait().expect("it succeeds");
}
