//! The crate's thread after a command was reported: draining, reaping, timeouts; also under debuggers and filters.

use airtight::{ErrorKind, command};
use airtight_tests::{
    Lingering, Refused, Watch, alone, at_scale, gone, in_time, is_reaped, is_running, ms, no_children, refuse, skipped,
    soon, threads,
};
use std::time::{Duration, Instant};

const LINGERER: &str = env!("CARGO_BIN_EXE_lingerer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const LONG: u32 = 60_000;

/// The CPU time of this process so far.
fn processor_time() -> Duration {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the time is valid.
    assert_eq!(unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) }, 0);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// With the default streams, a leftover that writes later survives.
#[test]
fn what_is_left_behind_on_a_log_lives_and_ends_the_thread_with_it() {
    let _watch = Watch::new();
    alone("what_is_left_behind_on_a_log_lives_and_ends_the_thread_with_it", || {
        for how in ["chatty", "flood", "silent"] {
            let lingering = Lingering::new(LINGERER);
            let leaving = || {
                command! {
                    LINGERER,
                    args: [
                        "start", "say-pid", lingering.join("pid"), verbatim(how), LONG, lingering.go_on(), "done",
                        "await", lingering.join("pid"),
                    ],
                }
            };
            leaving().run().expect("it ends well");
            let first = lingering.pid("pid");
            std::fs::remove_file(lingering.join("pid")).expect("a file");
            command! { ..leaving(), stdout: lines(|_: &str| {}) }
                .background()
                .expect("it starts")
                .wait()
                .expect("it ends well");
            let second = lingering.pid("pid");
            std::thread::sleep(ms(300));
            assert!(is_running(first) && is_running(second), "{how}: SIGPIPE has ended it");
            soon(&format!("{how}: one reads for all of them"), || threads() == 1);
            lingering.end();
            gone(first);
            gone(second);
            soon("the thread goes away", || threads() == 0);
        }
    });
}

#[test]
fn to_throw_away_what_a_leftover_writes_takes_no_time() {
    let _watch = Watch::new();
    alone("to_throw_away_what_a_leftover_writes_takes_no_time", || {
        let lingering = Lingering::new(LINGERER);
        command! { LINGERER, args: ["start", "chatty", LONG, lingering.go_on(), "done"] }.run().expect("it ends well");
        let begun = processor_time();
        std::thread::sleep(ms(1_000));
        assert!(processor_time() - begun < ms(300), "{:?}", processor_time() - begun);
        lingering.end();
    });
}

#[test]
fn a_command_that_ends_well_starts_no_thread() {
    let _watch = Watch::new();
    alone("a_command_that_ends_well_starts_no_thread", || {
        for _ in 0..20 {
            command! { "true" }.run().expect("it runs");
            command! { "true", timeout: Duration::from_secs(60) }.run().expect("it runs");
            command! { "true", process_group }.run().expect("it runs");
            command! { "echo", args: ["x"], stdout: text }.run().expect("it runs");
            command! { "echo", args: ["x"], stdout: lines(|_: &str| assert_eq!(threads(), 0)) }.run().expect("it runs");
            command! { "false", status: code }.run().expect("it runs");
            command! { "true" }.spawn().expect("it starts").wait().expect("it runs");
            drop(command! { "sleep", args: [60] }.spawn().expect("it starts"));
            command! { "sleep", args: [60], timeout: ms(1) }.run().unwrap_err();
            assert_eq!(threads(), 0);
        }
        no_children();
    });
}

/// One thread enforces the timeouts of all commands.
#[test]
fn many_at_once_are_ended_in_time_by_one_thread() {
    let _watch = Watch::new();
    alone("many_at_once_are_ended_in_time_by_one_thread", || {
        let begun = Instant::now();
        let timed = command! { "sleep", args: [60], timeout: ms(1_500) };
        let children: Vec<_> = (0..at_scale(100, 400)).map(|_| timed.clone().spawn().expect("it starts")).collect();
        soon("one thread is there", || threads() == 1);
        let last = Instant::now();
        children.iter().for_each(|child| gone(child.id()));
        in_time(begun, ms(1_500), last - begun + ms(1_500));
        for child in children {
            assert!(matches!(child.wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
        }
        soon("the thread goes away", || threads() == 0);
        no_children();
    });
}

/// A tracer in another process: the kernel reports the end of a traced process to it first.
struct Tracer {
    pid: libc::pid_t,
    /// A byte makes the tracer detach. Closing the pipe would not: other tracers have inherited its write end.
    go: std::io::PipeWriter,
}

impl Tracer {
    /// `None` if this process may not trace others.
    fn of(traced: u32) -> Option<Tracer> {
        let (mut says, said) = std::io::pipe().expect("a pipe");
        let (mut going, go) = std::io::pipe().expect("a pipe");
        // SAFETY: the copy makes system calls alone.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            use std::io::{Read, Write};
            drop((says, go));
            // SAFETY: takes no pointers but null ones.
            let seized = unsafe { libc::ptrace(libc::PTRACE_SEIZE, traced as libc::pid_t, 0, 0) } == 0;
            let _ = (&said).write_all(if seized { b"y" } else { b"n" });
            // Does not reap the process before it is told to, like a debugger that waits for its user.
            let _ = going.read(&mut [0]);
            // SAFETY: ends the copy, which lets go.
            unsafe { libc::_exit(0) };
        }
        drop((said, going));
        let mut answer = [0];
        std::io::Read::read_exact(&mut says, &mut answer).expect("an answer");
        let tracer = Tracer { pid, go };
        (answer == *b"y").then_some(tracer)
    }
}

impl Drop for Tracer {
    fn drop(&mut self) {
        let _ = std::io::Write::write_all(&mut self.go, b"x");
        // SAFETY: a child of this process; its status is not asked for.
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), 0) };
    }
}

#[test]
fn a_traced_program_is_reported_when_it_is_let_go() {
    let _watch = Watch::new();
    alone("a_traced_program_is_reported_when_it_is_let_go", || {
        for timeout in [None, Some(ms(200))] {
            let lingering = Lingering::new(LINGERER);
            let traced = command! {
                LINGERER, args: ["silent", LONG, lingering.go_on(), "exit", 7], status: code, stdout: text,
                timeout: timeout.map(|_| Duration::from_secs(60)),
            };
            let background = traced.background().expect("it starts");
            let Some(tracer) = Tracer::of(background.id()) else {
                return skipped("a_traced_program_is_reported_when_it_is_let_go", "no process may be traced here");
            };
            lingering.end();
            gone(background.id());
            let begun = processor_time();
            std::thread::sleep(ms(1_000));
            assert!(!background.is_finished(), "only the tracer can see its end");
            assert!(processor_time() - begun < ms(300), "{:?}", processor_time() - begun);
            drop(tracer);
            assert_eq!(background.wait().expect("it is let go").status(), 7);
        }
    });
}

#[test]
fn a_traced_program_that_is_to_be_ended() {
    let _watch = Watch::new();
    alone("a_traced_program_that_is_to_be_ended", || {
        let child =
            command! { "sleep", args: [60], timeout: after(ms(300), grace = ms(100)) }.spawn().expect("it starts");
        let dropped = command! { "sleep", args: [60] }.spawn().expect("it starts");
        let ids = [child.id(), dropped.id()];
        let (Some(first), Some(second)) = (Tracer::of(ids[0]), Tracer::of(ids[1])) else {
            return skipped("a_traced_program_that_is_to_be_ended", "no process may be traced here");
        };
        let begun = Instant::now();
        drop(dropped);
        in_time(begun, ms(0), ms(1_000));
        let error = child.wait().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::StillRunning { id, .. } if *id == ids[0]), "{error:?}");
        in_time(begun, ms(0), ms(2_400));
        // The thread polls both only now and then.
        let used = processor_time();
        std::thread::sleep(ms(1_000));
        assert!(processor_time() - used < ms(300), "{:?}", processor_time() - used);
        drop((first, second));
        for id in ids {
            soon("it is reaped", || is_reaped(id));
        }
        soon("the thread goes away", || threads() == 0);
        no_children();
    });
}

/// A container's filter may refuse every wait call newer than wait4(2).
#[test]
fn where_waitid_is_refused() {
    let _watch = Watch::new();
    alone("where_waitid_is_refused", || {
        refuse(&[Refused { call: libc::SYS_waitid, operand: None, errno: libc::ENOSYS }]);
        let begun = processor_time();
        for code in [0, 1, 7, 255] {
            let exits = || command! { ACTOR, args: ["sleep", 20, "exit", code], status: code };
            assert_eq!(exits().run().expect("it runs").status(), code);
            assert_eq!(exits().spawn().expect("it starts").wait().expect("it runs"), code);
            assert_eq!(exits().background().expect("it starts").wait().expect("it runs").status(), code);
            assert_eq!(exits().spawn().expect("it starts").into_pid().wait().expect("it runs"), code);
            let timed = command! { ..exits(), timeout: Duration::from_secs(60) };
            assert_eq!(timed.clone().run().expect("it runs").status(), code);
            assert_eq!(timed.spawn().expect("it starts").wait().expect("it runs"), code);
            assert_eq!(
                command! { ..exits(), handshake }
                    .spawn()
                    .and_then(|word| word.proceed())
                    .expect("it starts")
                    .wait()
                    .expect("it runs"),
                code
            );
        }
        let error = command! { ACTOR, args: ["signal", libc::SIGUSR1] }.run().unwrap_err();
        let signal = error.exit_status().and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status));
        assert_eq!(signal, Some(libc::SIGUSR1));
        let start = Instant::now();
        let error = command! { "sleep", args: [60], timeout: ms(300) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
        let child = command! { "sleep", args: [60], timeout: ms(300) }.spawn().expect("it starts");
        soon("its time is enforced", || !is_running(child.id()));
        assert!(matches!(child.wait().unwrap_err().kind(), ErrorKind::Timeout { .. }));
        in_time(start, ms(600), ms(600));
        drop(command! { "sleep", args: [60] }.spawn().expect("it starts"));
        let background = command! { "sleep", args: [1] }.background().expect("it starts");
        background.wait().expect("it runs");
        assert!(matches!(command! { "/nonexistent" }.run().unwrap_err().kind(), ErrorKind::NotFound { .. }));
        let used = processor_time() - begun;
        assert!(used < ms(1_000), "{used:?}: it loops");
        no_children();
    });
}

/// Without waitid, the pidfd shows that the program has ended, but the status is lost: an error that says so.
#[test]
fn where_no_wait_is_allowed() {
    let _watch = Watch::new();
    alone("where_no_wait_is_allowed", || {
        let refused = |call| Refused { call, operand: None, errno: libc::EPERM };
        refuse(&[refused(libc::SYS_waitid), refused(libc::SYS_wait4)]);
        let (begun, used) = (Instant::now(), processor_time());
        let lost = command! { ACTOR, args: ["sleep", 500] }.run();
        assert!(matches!(lost.unwrap_err().kind(), ErrorKind::LostStatus));
        in_time(begun, ms(500), ms(500));
        let error = command! { "sleep", args: [60], timeout: ms(200) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout { .. } | ErrorKind::LostStatus), "{error:?}");
        drop(command! { "sleep", args: [60] }.spawn().expect("it starts"));
        in_time(begun, ms(700), ms(700));
        assert!(processor_time() - used < ms(500), "{:?}: it loops", processor_time() - used);
        // The zombies go away with this process, which cannot reap them.
        println!("the body of where_no_wait_is_allowed has run");
        std::process::exit(0);
    });
}
