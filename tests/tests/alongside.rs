//! Programs that run beside this process: `spawn`, pipes, `Child`, `Pid`.

use airtight::command;
use airtight_tests::{Folder, Observed, Refused, alone, is_running, proc, refuse};
use std::io::{ErrorKind as IoKind, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::time::{Duration, Instant};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

#[test]
fn pipes_in_and_out() {
    let _watch = airtight_tests::Watch::new();
    let mut child =
        command! { ACTOR, args: ["echo"], stdin: pipe, stdout: pipe, stderr: pipe }.spawn().expect("it starts");
    let (mut input, mut output) = (child.take_stdin().expect("a pipe"), child.take_stdout().expect("a pipe"));
    let mut errors = child.take_stderr().expect("a pipe");
    assert!(child.take_stdin().is_none() && child.take_stdout().is_none() && child.take_stderr().is_none());
    input.write_all(b"\0to and fro\xff").expect("it reads");
    drop(input);
    let (mut text, mut error) = (Vec::new(), Vec::new());
    output.read_to_end(&mut text).expect("its end");
    errors.read_to_end(&mut error).expect("its end");
    child.wait().expect("it succeeds");
    assert_eq!((text, error), (b"\0to and fro\xff".to_vec(), Vec::new()));
}

#[test]
fn one_pipe_for_both_outputs() {
    let _watch = airtight_tests::Watch::new();
    let args = ["stdout", "a", "stderr", "b", "stdout", "c"];
    let mut child = command! { ACTOR, args: [..args], stdout: pipe, stderr: stdout }.spawn().expect("it starts");
    let text = std::io::read_to_string(child.take_stdout().expect("a pipe")).expect("text");
    child.wait().expect("it succeeds");
    assert_eq!(text, "abc");
}

#[test]
fn a_pipe_that_does_not_block() {
    let _watch = airtight_tests::Watch::new();
    let mut child = command! { "cat", stdin: pipe, stdout: pipe(nonblocking) }.spawn().expect("it starts");
    let mut output = child.take_stdout().expect("a pipe");
    assert_eq!(output.read(&mut [0; 8]).unwrap_err().kind(), IoKind::WouldBlock);
    drop(child.take_stdin());
    child.wait().expect("it succeeds");
    let mut child = command! { "sleep", args: [60], stdin: pipe(nonblocking) }.spawn().expect("it starts");
    let mut input = child.take_stdin().expect("a pipe");
    let full =
        std::iter::repeat_with(|| input.write(&[0; 4096])).find_map(Result::err).expect("a pipe is full some day");
    assert_eq!(full.kind(), IoKind::WouldBlock);
    child.abort();
}

#[test]
fn undeclared_streams_are_the_null_device() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let report = std::fs::File::create(folder.join("report")).expect("a file");
    command! { OBSERVER, stdout: fd(report) }.spawn().expect("it starts").wait().expect("it succeeds");
    let observed = Observed::parse(&std::fs::read(folder.join("report")).expect("the report"));
    let fds = observed.fds();
    assert_eq!((fds[&0], fds[&2], fds.len()), ("/dev/null", "/dev/null", 3));
}

#[test]
fn how_it_ended() {
    let _watch = airtight_tests::Watch::new();
    let exits = |code: u8| command! { ACTOR, args: ["exit", code] };
    exits(0).spawn().expect("it starts").wait().expect("it succeeds");
    let error = exits(3).spawn().expect("it starts").wait().unwrap_err();
    assert_eq!(error.to_string(), format!("`{ACTOR} exit 3` exited with code 3"));
    assert_eq!(command! { ..exits(3), status: code }.spawn().expect("it starts").wait().expect("any code"), 3);
    let killed = command! { ACTOR, args: ["signal", 15], status: raw }.spawn().expect("it starts").wait();
    assert_eq!(killed.expect("any end").signal(), Some(15));
    assert!(command! { "/nonexistent" }.spawn().is_err());
}

#[test]
fn asking_without_waiting() {
    let _watch = airtight_tests::Watch::new();
    let mut child = command! { "cat", stdin: pipe, status: code }.spawn().expect("it starts");
    assert_eq!(child.try_wait().expect("it runs"), None);
    assert!(child.id() > 0 && is_running(child.id()));
    drop(child.take_stdin());
    let begun = Instant::now();
    while child.try_wait().expect("it succeeds").is_none() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it never ends");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(child.try_wait().expect("it is known"), Some(0), "asked again");
    assert_eq!(child.wait().expect("it is known"), 0, "and again");
}

#[test]
fn the_pidfd_tells_the_end() {
    let _watch = airtight_tests::Watch::new();
    use std::os::fd::AsRawFd;
    let mut child = command! { "cat", stdin: pipe }.spawn().expect("it starts");
    let Some(pidfd) = child.pidfd().map(|fd| fd.as_raw_fd()) else {
        return airtight_tests::skipped("the_pidfd_tells_the_end", "this kernel has no pidfds");
    };
    let readable = |timeout| {
        let mut poll = libc::pollfd { fd: pidfd, events: libc::POLLIN, revents: 0 };
        // SAFETY: one valid structure.
        unsafe { libc::poll(&raw mut poll, 1, timeout) }
    };
    assert_eq!(readable(0), 0);
    drop(child.take_stdin());
    assert_eq!(readable(10_000), 1);
    child.wait().expect("it succeeds");
}

#[test]
fn dropped_and_aborted_children_are_killed_and_reaped() {
    let _watch = airtight_tests::Watch::new();
    let sleep = || command! { "sleep", args: [60] }.spawn().expect("it starts");
    let (dropped, aborted, kept) = (sleep(), sleep(), sleep());
    let pids = [dropped.id(), aborted.id()];
    drop(dropped);
    aborted.abort();
    for pid in pids {
        assert!(!std::fs::exists(proc(pid)).expect("/proc"), "{pid} is still there");
    }
    let kept = kept.into_pid();
    assert!(is_running(kept.id()));
    let pid = kept.id();
    kept.abort();
    assert!(!std::fs::exists(proc(pid)).expect("/proc"));
}

#[test]
fn a_pid_outlives_its_child_and_is_waited_for() {
    let _watch = airtight_tests::Watch::new();
    let pid = command! { ACTOR, args: ["exit", 4], status: code }.spawn().expect("it starts").into_pid();
    assert!(pid.id() > 0);
    assert_eq!(pid.wait().expect("any code"), 4);
    alone("a_pid_outlives_its_child_and_is_waited_for", || {
        let pid = command! { "sleep", args: [60] }.spawn().expect("it starts").into_pid();
        let number = pid.id();
        drop(pid);
        assert!(is_running(number), "a dropped pid is left running");
        // SAFETY: the child is this process's own, and was not reaped.
        unsafe { libc::kill(number as i32, libc::SIGKILL) };
        // SAFETY: as above.
        unsafe { libc::waitpid(number as i32, std::ptr::null_mut(), 0) };
    });
}

#[test]
fn waiting_closes_what_was_not_taken() {
    let _watch = airtight_tests::Watch::new();
    let begun = Instant::now();
    command! { "cat", stdin: pipe }.spawn().expect("it starts").wait().expect("it sees the end of its input");
    let flood = command! { "yes", stdout: pipe, status: raw }.spawn().expect("it starts");
    let status = flood.wait().expect("any end");
    // Where SIGPIPE does not kill them, coreutils report EPIPE and exit with 1.
    assert!(status.signal() == Some(libc::SIGPIPE) || status.code() == Some(1), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(20));
}

/// A seccomp filter that allows CLONE_PIDFD, and refuses pidfd_send_signal.
#[test]
fn where_no_signal_can_be_sent_by_pidfd() {
    for errno in [libc::ENOSYS, libc::EPERM] {
        let _watch = airtight_tests::Watch::new();
        alone("where_no_signal_can_be_sent_by_pidfd", || {
            refuse(&[Refused { call: libc::SYS_pidfd_send_signal, operand: None, errno }]);
            let begun = Instant::now();
            let child = command! { "sleep", args: [60] }.spawn().expect("it starts");
            child.abort();
            drop(command! { "sleep", args: [60] }.spawn().expect("it starts"));
            drop(command! { "sleep", args: [60], session }.background().expect("it starts"));
            assert!(begun.elapsed() < Duration::from_secs(20), "none was waited for to its end");
        });
    }
}

#[test]
fn the_timeout_of_a_dropped_pid_is_enforced() {
    let _watch = airtight_tests::Watch::new();
    let sleep = command! { "sleep", args: [1000], timeout: Duration::from_millis(200) }.spawn().expect("it starts");
    let id = sleep.id();
    drop(sleep.into_pid());
    airtight_tests::gone(id);
}
