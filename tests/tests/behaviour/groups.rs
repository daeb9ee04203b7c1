//! With `process_group` or `session`, ending a command ends its whole group.

use airtight::{ErrorKind, command};
use airtight_tests::{Lingering, Refused, Watch, alone, gone, in_time, is_reaped, is_running, ms, refuse, soon};
use std::time::{Duration, Instant};

const LINGERER: &str = env!("CARGO_BIN_EXE_lingerer");
const LONG: u32 = 60_000;
const LAST: Duration = Duration::from_secs(1);

/// A leader and a member of its group. Both go on, and the member ignores SIGTERM. The leader writes once the member
/// runs.
macro_rules! group {
    ($lingering:expr, $($keys:tt)*) => {
        command! {
            LINGERER,
            args: [
                "start", "ignore-sigterm", "say-pid", $lingering.join("member"), "silent", LONG, $lingering.go_on(),
                "done", "await", $lingering.join("member"), "say-pid", $lingering.join("leader"), "line", "there",
                "silent", LONG, $lingering.go_on(),
            ],
            $($keys)*
        }
    };
}

/// Checks that both have ended, and that the leader was reaped. The member's parent is now the subreaper or init.
#[track_caller]
fn both_are_gone(lingering: &Lingering) {
    let (leader, member) = (lingering.pid("leader"), lingering.pid("member"));
    gone(member);
    soon("the leader is reaped", || is_reaped(leader));
}

#[test]
fn a_timeout() {
    let _watch = Watch::new();
    for way in 0..4 {
        let lingering = Lingering::new(LINGERER);
        let begun = Instant::now();
        let timed = group!(lingering, process_group, timeout: after(ms(500), grace = ms(200)));
        let in_session = group!(lingering, session, timeout: after(ms(500), grace = ms(200)));
        let error = match way {
            0 => timed.run().unwrap_err(),
            1 => timed.background().expect("it starts").wait().unwrap_err(),
            2 => timed.spawn().expect("it starts").wait().unwrap_err(),
            _ => in_session.run().unwrap_err(),
        };
        assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
        in_time(begun, ms(700), ms(700));
        both_are_gone(&lingering);
    }
}

#[test]
fn abort_and_drop() {
    let _watch = Watch::new();
    for way in 0..6 {
        let lingering = Lingering::new(LINGERER);
        let (command, in_session) = (group!(lingering, process_group), group!(lingering, session));
        if way < 4 {
            let command = if way == 3 { in_session.spawn() } else { command.spawn() };
            let child = command.expect("it starts");
            lingering.pid("leader");
            match way {
                0 => child.abort(),
                1 => drop(child),
                2 => child.into_pid().abort(),
                _ => drop(child),
            }
        } else {
            let background = command.background().expect("it starts");
            lingering.pid("leader");
            if way == 4 { background.abort() } else { drop(background) }
        }
        both_are_gone(&lingering);
    }
}

#[test]
fn a_callback_that_fails() {
    let _watch = Watch::new();
    for way in 0..2 {
        let lingering = Lingering::new(LINGERER);
        let fails = |_: &str| Err::<(), _>("enough");
        let error = match way {
            0 => group!(lingering, process_group, stdout: lines(fails)).run().unwrap_err(),
            _ => group!(lingering, session, stdout: lines(fails)).background().expect("it starts").wait().unwrap_err(),
        };
        assert!(matches!(error.kind(), ErrorKind::Callback { .. }), "{error:?}");
        both_are_gone(&lingering);
    }
}

#[test]
fn a_command_that_waits_for_the_word() {
    let _watch = Watch::new();
    let pending = command! { "sleep", args: [60], process_group, handshake }.spawn().expect("it waits");
    let id = pending.id();
    drop(pending);
    assert!(is_reaped(id));
    let lingering = Lingering::new(LINGERER);
    let pending = group!(lingering, process_group, handshake).spawn().expect("it waits");
    let child = pending.proceed().expect("it starts");
    lingering.pid("leader");
    drop(child);
    both_are_gone(&lingering);
}

/// The leader ends at the first signal: the other members still get the whole grace.
#[test]
fn members_are_killed_after_the_grace_though_the_leader_is_dead() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let begun = Instant::now();
    let error = group!(lingering, process_group, timeout: after(ms(400), grace = ms(600))).run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    in_time(begun, ms(1_000), ms(1_000));
    both_are_gone(&lingering);
}

/// A command does not wait for the rest of a grace when no member is left.
#[test]
fn a_member_that_ends_within_its_grace_is_not_killed() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let (mark, begun) = (lingering.join("mark"), Instant::now());
    let slow = command! {
        LINGERER,
        args: [
            "start", "end-slowly-at-sigterm", &mark, "say-pid", lingering.join("member"), "silent", LONG,
            lingering.go_on(), "done", "await", lingering.join("member"), "silent", LONG, lingering.go_on(),
        ],
        process_group,
        timeout: after(ms(500), grace = Duration::from_secs(30)),
    };
    let error = slow.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(std::fs::read_to_string(mark).expect("its handler ran to its end"), "..");
    in_time(begun, ms(500), ms(1_000));
    assert!(!is_running(lingering.pid("member")));
}

/// Many programs take a second SIGTERM or SIGINT as a request to abort at once.
#[test]
fn each_process_gets_the_signal_once() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let (of_leader, of_member) = (lingering.join("of-leader"), lingering.join("of-member"));
    let counting = command! {
        LINGERER,
        args: [
            "start", "count-sigterm", &of_member, "say-pid", lingering.join("member"), "silent", LONG,
            lingering.go_on(), "done", "await", lingering.join("member"),
            "count-sigterm", &of_leader, "silent", LONG, lingering.go_on(),
        ],
        process_group,
        timeout: after(ms(500), grace = ms(500)),
    };
    counting.run().unwrap_err();
    let [leader, member] = [of_leader, of_member].map(|path| std::fs::read_to_string(path).expect("its handler ran"));
    assert_eq!((leader.as_str(), member.as_str()), (".", "."));
}

/// If a leader leaves its group, both the leader and the group are ended.
#[test]
fn a_leader_that_has_left_its_group() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let begun = Instant::now();
    let leaving = command! {
        LINGERER,
        args: [
            "start", "say-pid", lingering.join("member"), "silent", LONG, lingering.go_on(), "done",
            "start", "own-group", "say-pid", lingering.join("other"), "silent", LONG, lingering.go_on(), "done",
            "await", lingering.join("member"), "await", lingering.join("other"), "join-group", lingering.join("other"),
            "say-pid", lingering.join("leader"), "silent", LONG, lingering.go_on(),
        ],
        process_group,
        timeout: after(ms(500), grace = Duration::from_secs(30)),
    };
    let error = leaving.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    in_time(begun, ms(500), ms(500));
    both_are_gone(&lingering);
    assert!(is_running(lingering.pid("other")), "it has never been in the group");
    lingering.end();
}

/// The end of the leader was not yet reported: its leftovers in the group still belong to the command.
#[test]
fn a_drop_after_the_leader_has_ended_in_time() {
    let _watch = Watch::new();
    for timeout in [None, Some(Duration::from_secs(60))] {
        let lingering = Lingering::new(LINGERER);
        let leaving = command! {
            LINGERER,
            args: [
                "start", "say-pid", lingering.join("member"), "silent", LONG, lingering.go_on(), "done",
                "await", lingering.join("member"), "say-pid", lingering.join("leader"),
            ],
            process_group,
            timeout: timeout,
        };
        let child = leaving.spawn().expect("it starts");
        gone(lingering.pid("leader"));
        // Time for the thread to notice the end.
        std::thread::sleep(ms(200));
        drop(child);
        both_are_gone(&lingering);
    }
}

/// After the report, the command is over: leftovers of the leader go on, as without a group.
#[test]
fn leftovers_of_a_command_that_was_reported_go_on() {
    let _watch = Watch::new();
    let lingering = Lingering::new(LINGERER);
    let leaving = || {
        command! {
            LINGERER,
            args: ["start", "say-pid", lingering.join("member"), "silent", LONG, lingering.go_on(), "done"],
            process_group,
            stdio: null,
        }
    };
    leaving().run().expect("it ends well");
    let first = lingering.pid("member");
    std::fs::remove_file(lingering.join("member")).expect("a file");
    let mut child = leaving().spawn().expect("it starts");
    let mut ended = None;
    soon("it ends", || {
        ended = child.try_wait().expect("it ends well");
        ended.is_some()
    });
    drop(child);
    std::thread::sleep(ms(100));
    assert!(is_running(first) && is_running(lingering.pid("member")));
    lingering.end();
    gone(first);
}

/// Without waitid(2), no call can look at a process without reaping it.
#[test]
fn where_waitid_is_refused() {
    let _watch = Watch::new();
    alone("where_waitid_is_refused", || {
        refuse(&[Refused { call: libc::SYS_waitid, operand: None, errno: libc::EPERM }]);
        let lingering = Lingering::new(LINGERER);
        let child = group!(lingering, process_group).spawn().expect("it starts");
        lingering.pid("leader");
        let begun = Instant::now();
        drop(child);
        both_are_gone(&lingering);
        in_time(begun, ms(0), LAST);
        // The leader ends by SIGTERM, and its member by SIGKILL alone.
        for grace in [0, 200] {
            let lingering = Lingering::new(LINGERER);
            let error = group!(lingering, process_group, timeout: after(ms(500), grace = ms(grace))).run().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
            both_are_gone(&lingering);
        }
    });
}
