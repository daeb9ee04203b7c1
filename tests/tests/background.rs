//! Commands in the background: waited for, awaited, dropped; and timeouts.

use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Refused, alone, proc, refuse};
use std::future::Future;
use std::os::fd::AsRawFd;
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// A minimal executor: parks this thread until it is woken.
fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

#[test]
fn waited_for() {
    let _watch = airtight_tests::Watch::new();
    let sort = command! { "sort", stdin: buffer("b\na\n"), stdout: text }.background().expect("it starts");
    assert!(sort.id() > 0);
    assert_eq!(sort.wait().expect("it runs").stdout(), "a\nb\n");
    let failed =
        command! { ACTOR, args: ["stderr", "why", "exit", 3] }.background().expect("it starts").wait().unwrap_err();
    assert_eq!(failed.stderr(), b"why");
    assert!(command! { "/nonexistent" }.background().is_err(), "a failed start is reported at once");
}

#[test]
fn it_goes_on_by_itself() {
    let _watch = airtight_tests::Watch::new();
    let flood = command! { ACTOR, args: ["flood-both", 3_000_000], stdout: buffer, stderr: buffer };
    let flood = flood.background().expect("it starts");
    let begun = Instant::now();
    while !flood.is_finished() {
        assert!(begun.elapsed() < Duration::from_secs(20), "nobody serves it");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(flood.wait().expect("it runs").stdout().len(), 3_000_000);
}

#[test]
fn awaited_by_an_executor_written_by_hand() {
    let _watch = airtight_tests::Watch::new();
    let echo = |word: &str| command! { ACTOR, args: ["sleep", 30, "stdout", word], stdout: text }.background();
    let joined = block_on(async {
        let (first, second) = (echo("a").expect("it starts"), echo("b").expect("it starts"));
        format!("{}{}", first.await.expect("it runs").stdout(), second.await.expect("it runs").stdout())
    });
    assert_eq!(joined, "ab");
}

#[test]
fn awaited_by_tokio_with_a_timeout_of_its_own() {
    let _watch = airtight_tests::Watch::new();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let date = command! { "echo", args: ["tokio"], stdout: text }.background().expect("it starts");
        let spawned = tokio::spawn(date).await.expect("the task").expect("it runs");
        assert_eq!(spawned.stdout(), "tokio\n");
        let sleep = command! { "sleep", args: [60] }.background().expect("it starts");
        let pid = sleep.id();
        assert!(tokio::time::timeout(Duration::from_millis(50), sleep).await.is_err());
        assert!(!std::fs::exists(proc(pid)).expect("/proc"), "dropped, it is killed and reaped");
    });
}

#[test]
fn dropped_or_aborted_it_is_killed_and_reaped() {
    let _watch = airtight_tests::Watch::new();
    let sleep = || command! { "sleep", args: [60], stdio: null }.background().expect("it starts");
    let (dropped, aborted) = (sleep(), sleep());
    let pids = [dropped.id(), aborted.id()];
    let begun = Instant::now();
    drop(dropped);
    aborted.abort();
    for pid in pids {
        assert!(!std::fs::exists(proc(pid)).expect("/proc"));
    }
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn callbacks_run_in_the_thread_and_their_panics_reach_the_waiter() {
    let _watch = airtight_tests::Watch::new();
    let (send, receive) = std::sync::mpsc::channel();
    let printf = command! { "printf", args: ["a\\nb\\n"], stdout: lines(move |line| send.send(line.to_owned())) };
    printf.background().expect("it starts").wait().expect("it runs");
    assert_eq!(receive.iter().collect::<Vec<_>>(), ["a", "b"]);
    let panics = command! { "echo", stdout: lines(|line| assert!(line == "x", "of the callback")) }
        .background()
        .expect("it starts");
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| panics.wait())).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>().copied(), Some("of the callback"));
}

#[test]
fn a_program_is_given_its_time() {
    let _watch = airtight_tests::Watch::new();
    let begun = Instant::now();
    let sleep = command! { "sleep", args: [60], timeout: Duration::from_millis(100) };
    let error = sleep.clone().run().unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::Timeout { after, .. } if *after == Duration::from_millis(100)),
        "{error:?}"
    );
    assert_eq!(error.to_string(), "`sleep` was ended: it ran longer than 100ms");
    assert!(matches!(sleep.background().expect("it starts").wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
    assert!(begun.elapsed() < Duration::from_secs(5), "SIGTERM is enough");
    let child = command! { "sleep", args: [60], timeout: Duration::from_millis(100) }.spawn().expect("it starts");
    assert!(matches!(child.wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
    command! { "true", timeout: Duration::from_secs(60) }.run().expect("it is in time");
    command! { "true", timeout: None }.run().expect("it has all the time");
    command! { "true", timeout: Some(Duration::MAX) }.run().expect("it has all the time");
    let said = command! {
        ACTOR,
        args: ["stdout", "said", "sleep", 60_000],
        stdout: buffer,
        timeout: Duration::from_millis(200),
    };
    assert_eq!(said.run().unwrap_err().stdout(), b"said");
}

#[test]
fn a_program_that_ignores_sigterm_is_killed_after_the_grace() {
    let _watch = airtight_tests::Watch::new();
    let (folder, begun) = (Folder::new(), Instant::now());
    let script = folder.join("stubborn");
    std::fs::write(&script, "#!/bin/sh\ntrap '' TERM\nwhile :; do sleep 0.05; done\n").expect("a script");
    std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).expect("its mode");
    let grace = Duration::from_millis(300);
    let error = command! { script, timeout: after(Duration::from_millis(300), grace = grace) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    let time = begun.elapsed();
    assert!((Duration::from_millis(600)..Duration::from_secs(4)).contains(&time), "{time:?}");
}

/// `exec` in a thread other than the first unshares its descriptor table: /proc/self/fd then lists the table of the
/// first thread, which is another one.
#[test]
fn exec_of_a_thread_without_close_range() {
    let _watch = airtight_tests::Watch::new();
    alone("exec_of_a_thread_without_close_range", || {
        refuse(&[Refused { call: libc::SYS_close_range, operand: None, errno: libc::ENOSYS }]);
        let file = std::fs::File::open("/dev/zero").expect("a device");
        // SAFETY: the number is unused; the descriptor stays open on purpose, and the program must not inherit it.
        assert_eq!(unsafe { libc::dup2(file.as_raw_fd(), 77) }, 77);
        let words = "the body of exec_of_a_thread_without_close_range has run";
        let replaced = move || {
            command! {
                "sh",
                shell_script: r#"[ -e "$1/$$/fd/1" ] && [ ! -e "$1/$$/fd/77" ] && echo "$2""#,
                args: [proc("."), words],
            }
            .exec()
        };
        panic!("{}", std::thread::spawn(replaced).join().expect("it does not panic"));
    });
}

#[test]
fn exec_replaces_the_process() {
    let _watch = airtight_tests::Watch::new();
    // The body runs in a process of its own. The program that replaces it prints the text that `alone` looks for.
    alone("exec_replaces_the_process", || {
        let error = command! { "/nonexistent" }.exec();
        assert_eq!(error.to_string(), "`/nonexistent` does not exist");
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(libc::SIGINT, libc::SIG_IGN) };
        let found = command! {
            "grep",
            args: ["-c", "SigIgn:.0000000000000000", proc("self/status")],
            cwd: "/",
            stdin: null,
        };
        let checked = command! { ..found, stdout: text, stderr: inherit }.run().expect("it runs");
        assert_eq!(checked.stdout(), "1\n");
        let words = "the body of exec_replaces_the_process has run";
        let error = command! { "echo", args: [words] }.exec();
        panic!("{error}");
    });
}
