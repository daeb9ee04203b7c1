//! Every wait has a bound: for any program and any leftover, the end of the command is reported in time.

use airtight::{Error, ErrorKind, command};
use airtight_tests::{
    Lingering, Watch, alone, become_nobody, gone, in_time, is_reaped, is_root, is_running, ms, skipped, soon,
};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

const LINGERER: &str = env!("CARGO_BIN_EXE_lingerer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The time after which a leftover ends at the latest, in milliseconds; it ends with its test.
const LONG: u32 = 60_000;
/// The wait for a killed program, and for an output that a leftover holds open.
const LAST: Duration = Duration::from_secs(1);

fn is_timeout(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Timeout { .. })
}

#[track_caller]
fn still_running(error: &Error) -> u32 {
    match *error.kind() {
        ErrorKind::StillRunning { id, .. } => id,
        ref other => panic!("{other:?}"),
    }
}

/// A program that ends at once and leaves a process behind that writes.
macro_rules! leaving {
    ($lingering:expr, $how:expr, $($keys:tt)*) => {
        command! {
            LINGERER,
            args: ["start", verbatim($how), LONG, $lingering.go_on(), "done", "say-pid", $lingering.join("pid")],
            $($keys)*
        }
    };
}

#[test]
fn a_leftover_that_writes_is_waited_for_no_longer_than_the_timeout() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    for how in ["silent", "chatty"] {
        let begun = Instant::now();
        let error = leaving!(lingering, how, stdout: text, timeout: ms(400)).run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::HeldOpen { stream: "stdout", .. }), "{how}: {error:?}");
        in_time(begun, ms(400), ms(400));
    }
    let begun = Instant::now();
    let error = leaving!(lingering, "torrent", stdout: text(max = 1_000), timeout: ms(400)).run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutputLimit { stream: "stdout", .. }), "{error:?}");
    in_time(begun, ms(0), ms(400));
    lingering.end();
}

#[test]
fn without_a_timeout_it_is_waited_for_a_second_from_the_end() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let begun = Instant::now();
    let error = leaving!(lingering, "chatty", stdout: text).run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeldOpen { stream: "stdout", .. }), "{error:?}");
    in_time(begun, LAST, LAST);
    lingering.end();
}

#[test]
fn a_leftover_that_writes_lines_for_ever() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    for how in ["chatty", "flood", "torrent"] {
        let begun = Instant::now();
        // How many lines arrive before the end of the program is not fixed.
        let _ = leaving!(lingering, how, stdout: lines(|_: &str| {}), timeout: ms(400)).run();
        in_time(begun, ms(0), LAST);
        let begun = Instant::now();
        let _ = leaving!(lingering, how, stdout: lines(|_: &str| {})).run();
        in_time(begun, ms(0), LAST);
    }
    lingering.end();
}

#[test]
fn abort_and_drop_end_the_wait_for_a_leftover() {
    let _watch = Watch::new();
    for (how, aborts) in [("chatty", true), ("chatty", false), ("flood", false)] {
        let lingering = Lingering::new(LINGERER);
        let background = leaving!(lingering, how, stdout: text).background().expect("it starts");
        gone(lingering.pid("pid"));
        let begun = Instant::now();
        if aborts {
            background.abort();
        } else {
            drop(background);
        }
        in_time(begun, ms(0), LAST);
        lingering.end();
    }
}

/// It is reaped, though no handle to it is left.
#[test]
fn a_program_of_another_user() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("a_program_of_another_user", "to set a program up that becomes root needs root");
    }
    alone("a_program_of_another_user", || {
        let Some(lingering) = Lingering::for_nobody(LINGERER) else {
            return skipped("a_program_of_another_user", "the file system has no setuid bits");
        };
        become_nobody();
        let watch = Watch::new();
        let (of_root, said, grace) = (lingering.of_root(), lingering.join("pid"), ms(200));
        let of_root = command! { &of_root, args: ["become-root", "say-pid", &said, "silent", LONG, lingering.go_on()] };
        let timed = command! { ..of_root.clone(), timeout: after(ms(300), grace = grace) };
        let (timed_again, timed_alongside) = (timed.clone(), timed.clone());
        let mut left = Vec::new();
        let mut still_runs = |begun, error: Error| {
            in_time(begun, ms(500) + LAST, ms(500) + LAST);
            let id = still_running(&error);
            assert!(is_running(id), "it is true");
            left.push(id);
        };
        let begun = Instant::now();
        still_runs(begun, timed.run().unwrap_err());
        let begun = Instant::now();
        still_runs(begun, timed_again.background().expect("it starts").wait().unwrap_err());
        let begun = Instant::now();
        still_runs(begun, timed_alongside.spawn().expect("it starts").wait().unwrap_err());
        let begins = || {
            let _ = std::fs::remove_file(&said);
        };
        begins();
        let child = of_root.clone().spawn().expect("it starts");
        left.push(lingering.pid("pid"));
        let begun = Instant::now();
        drop(child);
        in_time(begun, ms(0), LAST);
        begins();
        let background = of_root.background().expect("it starts");
        left.push(lingering.pid("pid"));
        let begun = Instant::now();
        background.abort();
        in_time(begun, ms(0), LAST);
        assert!(left.iter().all(|pid| is_running(*pid)), "nobody can end them");
        lingering.end();
        soon("no process and no zombie is left", || left.iter().all(|pid| is_reaped(*pid)));
        drop(watch);
    });
}

/// In a frozen control group of version 1, not even SIGKILL ends a process.
#[test]
fn a_program_that_is_frozen_for_good() {
    let _watch = Watch::new();
    let group = std::path::PathBuf::from(format!("/sys/fs/cgroup/freezer/airtight-test-{}", std::process::id()));
    if std::fs::create_dir(&group).is_err() {
        return skipped("a_program_that_is_frozen_for_good", "it needs root and the freezer of control groups 1");
    }
    let timed = command! { "sleep", args: [60], timeout: after(ms(2_000), grace = ms(200)) };
    let (waited, dropped) = (timed.clone().spawn().expect("it starts"), timed.spawn().expect("it starts"));
    let ids = [waited.id(), dropped.id()];
    for id in ids {
        std::fs::write(group.join("cgroup.procs"), id.to_string()).expect("it is there");
    }
    let state = group.join("freezer.state");
    std::fs::write(&state, "FROZEN").expect("a state");
    soon("they are frozen", || std::fs::read_to_string(&state).is_ok_and(|state| state.trim() == "FROZEN"));
    let begun = Instant::now();
    let error = waited.wait().unwrap_err();
    let took = begun.elapsed();
    drop(dropped);
    let still_there = ids.map(|id| !is_reaped(id));
    std::fs::write(&state, "THAWED").expect("a state");
    assert_eq!((still_running(&error), still_there), (ids[0], [true; 2]));
    assert!(took < ms(3_200) * 3 + Duration::from_secs(2), "{took:?}");
    ids.iter().for_each(|id| soon("it is reaped", || is_reaped(*id)));
    soon("the group is empty", || std::fs::remove_dir(&group).is_ok());
}

/// Nor does a drop wait if no thread can be started to reap it.
#[test]
fn where_no_thread_can_be_started() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("where_no_thread_can_be_started", "to set a program up that becomes root needs root");
    }
    alone("where_no_thread_can_be_started", || {
        let Some(lingering) = Lingering::for_nobody(LINGERER) else {
            return skipped("where_no_thread_can_be_started", "the file system has no setuid bits");
        };
        become_nobody();
        let (of_root, said) = (lingering.of_root(), lingering.join("pid"));
        let child = command! { &of_root, args: ["become-root", "say-pid", said, "silent", 20_000, lingering.go_on()] };
        let child = child.spawn().expect("it starts");
        let pid = lingering.pid("pid");
        let none = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NPROC, &raw const none) }, 0);
        let begun = Instant::now();
        drop(child);
        in_time(begun, ms(0), LAST);
        lingering.end();
        // No thread could be started to reap the process, so this one has to.
        // SAFETY: the status is not read.
        assert_eq!(unsafe { libc::waitpid(pid as libc::pid_t, std::ptr::null_mut(), 0) }, pid as libc::pid_t);
    });
}

#[test]
fn a_program_that_is_open_for_writing() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let program = lingering.program();
    let writer = std::fs::File::options().append(true).mode(0o755).open(&program).expect("a file");
    let begun = Instant::now();
    let busy = || command! { &program, args: ["exit", 0], timeout: ms(300) };
    for error in [
        busy().run().unwrap_err(),
        busy().spawn().map(drop).unwrap_err(),
        busy().background().map(drop).unwrap_err(),
        command! { ..busy(), handshake }.spawn().expect("it waits").proceed().map(drop).unwrap_err(),
    ] {
        assert!(is_timeout(&error), "{error:?}");
    }
    in_time(begun, ms(1200), Duration::from_secs(4));
    drop(writer);
    busy().run().expect("it is in time");
}

#[test]
fn a_timeout_that_is_up_at_once() {
    let _watch = Watch::new();
    for microseconds in [0, 1, 20, 100, 300, 1_000] {
        let sleep = command! { "sleep", args: [60], timeout: Duration::from_micros(microseconds) };
        let error = sleep.clone().run().unwrap_err();
        assert!(is_timeout(&error), "{microseconds}: {error:?}");
        let error = sleep.clone().background().and_then(|sleep| sleep.wait().map(drop)).unwrap_err();
        assert!(is_timeout(&error), "{microseconds}: {error:?}");
        let error = sleep.spawn().and_then(|sleep| sleep.wait()).unwrap_err();
        assert!(is_timeout(&error), "{microseconds}: {error:?}");
    }
}

/// Even if its end is asked for only after the timeout.
#[test]
fn a_program_that_ended_in_time_is_never_reported_as_timed_out() {
    let _watch = Watch::new();
    let quick = || command! { "true", timeout: Duration::from_secs(2) };
    let failing = || command! { ACTOR, args: ["exit", 3], status: code, timeout: Duration::from_secs(2) };
    let (waited, mut tried, kept) = (quick().spawn(), quick().spawn(), quick().spawn().map(|child| child.into_pid()));
    let (background, code) = (quick().background(), failing().spawn());
    std::thread::sleep(ms(2_500));
    waited.expect("it starts").wait().expect("it was in time");
    let tried = tried.as_mut().expect("it starts").try_wait().expect("it was in time");
    assert!(tried.is_some(), "it has ended");
    kept.expect("it starts").wait().expect("it was in time");
    background.expect("it starts").wait().expect("it was in time");
    assert_eq!(code.expect("it starts").wait().expect("it was in time"), 3);
}

#[test]
fn a_spawned_program_is_ended_in_time_though_nobody_waits() {
    let _watch = Watch::new();
    let begun = Instant::now();
    let timed = command! { "sleep", args: [60], timeout: ms(300) };
    let (child, pid) = (timed.clone().spawn().expect("it starts"), timed.spawn().expect("it starts").into_pid());
    let stubborn = command! {
        LINGERER,
        args: ["ignore-sigterm", "sleep", 60_000],
        timeout: after(ms(300), grace = ms(200)),
    };
    let stubborn = stubborn.spawn().expect("it starts");
    for id in [child.id(), pid.id(), stubborn.id()] {
        gone(id);
    }
    in_time(begun, ms(500), ms(500));
    for error in [child.wait().unwrap_err(), pid.wait().unwrap_err(), stubborn.wait().unwrap_err()] {
        assert!(is_timeout(&error), "{error:?}");
    }
}

#[test]
fn a_stopped_program_takes_the_signal() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let (mark, begun) = (lingering.join("mark"), Instant::now());
    let stopped = command! {
        LINGERER,
        args: ["end-at-sigterm", &mark, "stop", "sleep", 60_000],
        timeout: after(ms(500), grace = Duration::from_secs(30)),
    };
    let error = stopped.run().unwrap_err();
    assert!(is_timeout(&error), "{error:?}");
    assert_eq!(std::fs::read_to_string(mark).expect("its handler ran"), ".");
    in_time(begun, ms(500), ms(500));
}

#[test]
fn a_grace_of_nothing_and_times_without_an_end() {
    let _watch = Watch::new();
    let begun = Instant::now();
    let stubborn = || command! { LINGERER, args: ["ignore-sigterm", "sleep", 60_000] };
    let error = command! { ..stubborn(), timeout: after(ms(300), grace = Duration::ZERO) }.run().unwrap_err();
    assert!(is_timeout(&error), "{error:?}");
    in_time(begun, ms(300), ms(300));
    command! { "true", timeout: Duration::MAX }.run().expect("it has all the time");
    command! { "true", timeout: after(Duration::MAX, grace = Duration::MAX) }
        .spawn()
        .expect("it starts")
        .wait()
        .expect("it has all the time");
    let child = command! { "true", timeout: Duration::MAX }.spawn().expect("it starts");
    child.into_pid().wait().expect("it has all the time");
    let error = command! { "sleep", args: [60], timeout: after(ms(200), grace = Duration::MAX) }.run().unwrap_err();
    assert!(is_timeout(&error), "{error:?}");
    let begun = Instant::now();
    drop(command! { ..stubborn(), timeout: Duration::MAX }.background().expect("it starts"));
    in_time(begun, ms(0), ms(500));
}

/// The timeout goes on while the callback runs.
#[test]
fn a_callback_that_blocks() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let said = lingering.join("pid");
    std::thread::scope(|scope| {
        let blocked = scope.spawn(|| {
            let blocks = |_: &str| {
                soon("the program has ended", || !is_running(lingering.pid("pid")));
            };
            command! {
                LINGERER,
                args: ["say-pid", &said, "line", "wait", "silent", LONG, lingering.go_on()],
                stdout: lines(blocks),
                timeout: ms(400),
            }
            .run()
        });
        let error = blocked.join().expect("it was ended while the callback ran").unwrap_err();
        assert!(is_timeout(&error), "{error:?}");
    });
    lingering.end();
}

#[test]
fn the_drop_of_a_command_whose_callback_does_not_return() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let (entered, is_in) = std::sync::mpsc::channel();
    let (leave, may_leave) = std::sync::mpsc::channel::<()>();
    let blocks = move |_: &str| {
        let _ = entered.send(());
        let _ = may_leave.recv();
    };
    let background =
        command! { LINGERER, args: ["line", "x", "silent", LONG, lingering.go_on()], stdout: lines(blocks) };
    let background = background.background().expect("it starts");
    let pid = background.id();
    is_in.recv().expect("the callback is called");
    let begun = Instant::now();
    drop(background);
    in_time(begun, ms(0), LAST);
    soon("it has ended", || !is_running(pid));
    drop(leave);
    soon("it is reaped", || is_reaped(pid));
}
