//! Leftovers of a child do not delay its command.

use airtight::{ErrorKind, command};
use airtight_tests::Folder;
use std::time::{Duration, Instant};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The time that the leftover holds the streams, in milliseconds; it ends with its test.
const LEFT: u32 = 10_000;

/// A child that writes, leaves a process behind that holds its streams, and ends.
macro_rules! leaving {
    ($($keys:tt)*) => {{
        let (begun, folder) = (Instant::now(), Folder::new());
        let says = command! { ACTOR, args: ["stdout", "out", "stderr", "err", "leave-behind", LEFT, folder.path()] };
        let ran = command! { ..says, $($keys)* }.run();
        (ran, begun.elapsed())
    }};
}

#[test]
fn a_log_takes_what_is_there_and_waits_for_nobody() {
    let _watch = airtight_tests::Watch::new();
    let (ran, time) = leaving!();
    ran.expect("it succeeds");
    assert!(time < Duration::from_millis(900), "{time:?}");
    let folder = Folder::new();
    let failing = command! { ACTOR, args: ["stderr", "err", "leave-behind", LEFT, folder.path(), "exit", 1] };
    let error = failing.run().unwrap_err();
    assert_eq!(error.stderr(), b"err");
}

#[test]
fn a_returned_stream_is_waited_for_one_second() {
    let _watch = airtight_tests::Watch::new();
    let (ran, time) = leaving!(stdout: buffer);
    let error = ran.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeldOpen { stream: "stdout", .. }), "{error:?}");
    assert_eq!((error.stdout(), error.stderr()), (&b"out"[..], &b"err"[..]));
    assert!((Duration::from_secs(1)..Duration::from_secs(3)).contains(&time), "{time:?}");
    let (ran, _) = leaving!(stderr: text);
    let error = ran.unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::HeldOpen { stream: "stderr", .. }), "{error:?}");
    assert_eq!(error.stderr(), b"err");
}

#[test]
fn a_file_buffer_waits_for_nobody() {
    let _watch = airtight_tests::Watch::new();
    let (ran, time) = leaving!(stdout: file_buffer, stderr: file_buffer);
    let output = ran.expect("it succeeds");
    assert_eq!((output.stdout(), output.stderr()), (&b"out"[..], &b"err"[..]));
    assert!(time < Duration::from_millis(900), "{time:?}");
}

#[test]
fn what_comes_within_the_second_is_returned() {
    let _watch = airtight_tests::Watch::new();
    let output = command! { ACTOR, args: ["stdout", "out ", "leave-behind", 300, "/"], stdout: text }.run();
    assert_eq!(output.expect("it is all there").stdout(), "out late");
}

#[test]
fn stdin_is_not_fed_to_what_is_left_behind() {
    let _watch = airtight_tests::Watch::new();
    let input = vec![b'x'; 4 << 20];
    let (ran, time) = leaving!(stdin: buffer(input), stdout: null, stderr: null);
    ran.expect("it succeeds");
    assert!(time < Duration::from_millis(900), "{time:?}");
}

#[test]
fn a_stream_closed_by_a_child_that_goes_on() {
    let _watch = airtight_tests::Watch::new();
    let begun = Instant::now();
    let closing = command! { ACTOR, args: ["stdout", "out", "close-outputs", "sleep", 200, "exit", 3], stdout: buffer };
    let error = closing.run().unwrap_err();
    assert_eq!((error.stdout(), error.exit_status().and_then(|status| status.code())), (&b"out"[..], Some(3)));
    assert!(begun.elapsed() >= Duration::from_millis(200));
}

#[test]
fn nothing_is_waited_for_where_all_streams_are_direct() {
    let _watch = airtight_tests::Watch::new();
    let (begun, folder) = (Instant::now(), Folder::new());
    command! { ACTOR, args: ["leave-behind", LEFT, folder.path()], stdio: null }.run().expect("it succeeds");
    assert!(begun.elapsed() < Duration::from_millis(900));
}
