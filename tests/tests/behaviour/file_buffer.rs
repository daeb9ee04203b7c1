//! `file_buffer`: outputs through a memfd.

use airtight::{ErrorKind, command};
use airtight_tests::proc;
use std::time::Duration;

#[test]
fn much_output_of_both_streams_is_returned() {
    let output = command! {
        "sh",
        shell_script: r#"head -c 3000000 /dev/zero | tr "\0" a; head -c 2000000 /dev/zero | tr "\0" b >&2"#,
        stdout: file_buffer,
        stderr: file_buffer(max = 2_000_000),
    };
    let output = output.run().unwrap();
    assert_eq!((output.stdout().len(), output.stderr().len()), (3_000_000, 2_000_000));
    assert!(output.stdout().iter().all(|byte| *byte == b'a') && output.stderr().iter().all(|byte| *byte == b'b'));
}

#[test]
fn nothing_is_a_text_of_no_length() {
    let output = command! { "true", stdout: file_buffer }.run().unwrap();
    assert_eq!(output.stdout(), b"");
}

#[test]
fn beside_a_stream_that_is_served() {
    let given = vec![b'x'; 1 << 20];
    let output = command! { "cat", stdin: buffer(given.clone()), stdout: file_buffer, stderr: text }.run().unwrap();
    assert!(output.stdout() == given && output.stderr().is_empty());
}

#[test]
fn stderr_goes_along_in_its_order() {
    let script = command! {
        "sh",
        shell_script: "echo one; echo two >&2; echo three",
        stdout: file_buffer,
        stderr: stdout,
    };
    assert_eq!(script.run().unwrap().stdout(), b"one\ntwo\nthree\n");
}

#[test]
fn more_than_the_bound_is_an_error_with_what_was_read() {
    let many = command! { "seq", args: ["10000"], stdout: file_buffer(max = 7) };
    let error = many.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutputLimit { stream: "stdout", max: 7, .. }), "{error:?}");
    assert_eq!(error.stdout(), b"1\n2\n3\n4");
}

#[test]
fn an_error_carries_what_was_written() {
    let failing =
        command! { "sh", shell_script: "echo found; echo why >&2; exit 3", stdout: file_buffer, stderr: file_buffer };
    let error = failing.run().unwrap_err();
    assert_eq!((error.stdout(), error.stderr()), (&b"found\n"[..], &b"why\n"[..]), "{error}");
    assert_eq!(error.exit_status().and_then(|status| status.code()), Some(3));
    assert!(error.to_string().contains("why"), "{error}");
}

#[test]
fn the_end_of_too_long_a_stderr_is_in_the_message() {
    let failing = command! {
        "sh",
        shell_script: "seq 5000 >&2; echo the reason >&2; exit 3",
        stdout: null,
        stderr: file_buffer(max = 10),
    };
    let error = failing.run().unwrap_err();
    assert!(error.to_string().contains("exit"), "{error}");
    assert_eq!(error.stderr(), b"1\n2\n3\n4\n5\n");
}

#[test]
fn a_stream_that_is_opened_again_has_no_hole() {
    let again = command! {
        "sh",
        shell_script: r#"echo lost; echo kept > "$1"; echo more"#,
        args: [proc("self/fd/1")],
        stdout: file_buffer,
    };
    assert_eq!(again.run().unwrap().stdout(), b"kept\nmore\n");
}

#[test]
fn of_a_program_whose_time_was_up() {
    let slow = command! {
        "sh",
        shell_script: "echo begun; exec sleep 60",
        stdout: file_buffer,
        timeout: Duration::from_millis(300),
    };
    let error = slow.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(error.stdout(), b"begun\n");
}

#[test]
fn in_the_background() {
    let running = command! { "seq", args: ["3"], stdout: file_buffer }.background().unwrap();
    assert_eq!(running.wait().unwrap().stdout(), b"1\n2\n3\n");
}
