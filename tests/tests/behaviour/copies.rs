//! A copy of this process, made by fork(2), does not touch processes of the original, and can start its own.

use airtight::{ErrorKind, command};
use airtight_tests::{
    Lingering, Watch, alone, at_scale, gone, in_time, is_reaped, is_running, ms, no_children, soon, threads,
};
use std::time::{Duration, Instant};

const LINGERER: &str = env!("CARGO_BIN_EXE_lingerer");
const LONG: u32 = 60_000;

/// Runs `body` in a fork of this process, as another library would make it, and checks that the fork exits with
/// success.
fn in_a_copy(body: impl FnOnce()) {
    // SAFETY: the threads of the harness and of the crate hold no lock but those of the allocator, which libc resets in
    // the child.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        let ended = std::panic::catch_unwind(std::panic::AssertUnwindSafe(body));
        // SAFETY: ends the copy.
        unsafe { libc::_exit(i32::from(ended.is_err())) };
    }
    let begun = Instant::now();
    let mut status = 0;
    // SAFETY: a child of this process.
    while unsafe { libc::waitpid(pid, &raw mut status, libc::WNOHANG) } == 0 {
        if begun.elapsed() > Duration::from_secs(20) {
            // SAFETY: it was not waited for.
            unsafe { libc::kill(pid, libc::SIGKILL) };
            panic!("the copy hangs");
        }
        std::thread::sleep(ms(5));
    }
    assert_eq!(status, 0, "the copy has failed");
}

#[test]
fn a_copy_of_this_process_ends_nothing_of_it() {
    let _watch = Watch::new();
    alone("a_copy_of_this_process_ends_nothing_of_it", || {
        let sleep = || command! { "sleep", args: [60] };
        let timed = || command! { "sleep", args: [60], timeout: Duration::from_secs(50) };
        let child = sleep().spawn().expect("it starts");
        let of_time = timed().spawn().expect("it starts");
        let background = sleep().background().expect("it starts");
        let grouped = command! { "sleep", args: [60], process_group }.spawn().expect("it starts");
        let (pid, aborted) = (sleep().spawn().expect("it starts").into_pid(), sleep().spawn().expect("it starts"));
        let aborted_background = timed().background().expect("it starts");
        let ids =
            [child.id(), of_time.id(), background.id(), grouped.id(), pid.id(), aborted.id(), aborted_background.id()];
        // Only the copy drops its handles: this process keeps its own.
        let mut all = Some((child, of_time, background, grouped, pid, aborted, aborted_background));
        in_a_copy(|| {
            let (child, of_time, background, grouped, pid, aborted, aborted_background) = all.take().expect("there");
            drop((child, of_time, background, grouped, pid));
            aborted.abort();
            aborted_background.abort();
        });
        std::thread::sleep(ms(100));
        for id in ids {
            assert!(is_running(id), "the copy has ended {id}");
        }
        let (.., background, _, pid, _, _) = all.as_ref().expect("it is this process's still");
        assert!(!background.is_finished() && pid.id() > 0);
        let (.., pid, _, _) = all.take().expect("there");
        pid.abort();
        for id in ids {
            soon("this process ends them", || is_reaped(id));
        }
        no_children();
    });
}

/// The copy may inherit locks held by threads that it does not have: nothing in it may wait for them.
#[test]
fn a_copy_made_at_any_moment_hangs_nowhere() {
    let _watch = Watch::new();
    alone("a_copy_made_at_any_moment_hangs_nowhere", || {
        let lingering = Lingering::new(LINGERER);
        // The leader ends soon, and the thread polls the group for its members.
        let survived = command! {
            LINGERER,
            args: [
                "start", "ignore-sigterm", "say-pid", lingering.join("pid"), "silent", LONG, lingering.go_on(), "done",
                "await", lingering.join("pid"), "silent", LONG, lingering.go_on(),
            ],
            process_group,
            timeout: after(ms(200), grace = Duration::from_secs(60)),
        };
        let writes = command! {
            LINGERER,
            args: ["torrent", LONG, lingering.go_on()],
            stdout: lines(|_: &str| {}),
            timeout: Duration::from_secs(60),
        };
        let mut all = Some((survived.background().expect("it starts"), writes.background().expect("it starts")));
        std::thread::sleep(ms(400));
        for _ in 0..at_scale(100, 2_000) {
            in_a_copy(|| drop(all.take()));
        }
        drop(all.take());
        lingering.end();
    });
}

/// The copy inherits the record of a thread that it does not have.
#[test]
fn a_copy_of_this_process_has_its_own_thread() {
    let _watch = Watch::new();
    alone("a_copy_of_this_process_has_its_own_thread", || {
        let lingering = Lingering::new(LINGERER);
        let leaving = || {
            command! {
                LINGERER,
                args: [
                    "start", "say-pid", lingering.join("pid"), "chatty", LONG, lingering.go_on(), "done",
                    "await", lingering.join("pid"),
                ],
            }
        };
        leaving().run().expect("it ends well");
        let timed = command! { "sleep", args: [60], timeout: Duration::from_secs(50) }.spawn().expect("it starts");
        let of_original = lingering.pid("pid");
        soon("one thread is there", || threads() == 1);
        in_a_copy(|| {
            assert_eq!(threads(), 0);
            command! { "true" }.run().expect("it runs");
            std::fs::remove_file(lingering.join("pid")).expect("a file");
            leaving().run().expect("it ends well");
            let left = lingering.pid("pid");
            let begun = Instant::now();
            let error = command! { "sleep", args: [60], timeout: ms(200) }.run().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
            let child = command! { "sleep", args: [60], timeout: ms(200) }.spawn().expect("it starts");
            gone(child.id());
            in_time(begun, ms(400), ms(400));
            assert!(matches!(child.wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
            let echo = command! { "echo", args: ["x"], stdout: text }.background().expect("it starts");
            assert_eq!(echo.wait().expect("it runs").stdout(), "x\n");
            assert!(is_running(left));
            soon("one thread is there", || threads() == 1);
            // And a fork of the fork.
            in_a_copy(|| {
                let child = command! { "sleep", args: [60], timeout: ms(100) }.spawn().expect("it starts");
                assert!(matches!(child.wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
            });
            assert!(is_running(left));
        });
        assert!(is_running(of_original) && is_running(timed.id()));
        soon("one thread is there", || threads() == 1);
        drop(timed);
        lingering.end();
        gone(of_original);
        soon("the thread goes away", || threads() == 0);
    });
}
