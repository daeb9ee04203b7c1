//! Streams taken piece by piece while the program runs: `lines`, `split`.

use airtight::{ErrorKind, command};
use airtight_tests::Folder;
use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

#[test]
fn lines_come_without_their_ends() {
    let _watch = airtight_tests::Watch::new();
    let mut lines = Vec::new();
    command! { "printf", args: ["one\\ntwo\\n\\ngr%s\\nlast", "ün"], stdout: lines(|line| lines.push(line.to_owned())) }
        .run()
        .expect("it runs");
    assert_eq!(lines, ["one", "two", "", "grün", "last"]);
}

#[test]
fn records_end_with_any_byte() {
    let _watch = airtight_tests::Watch::new();
    let mut records: Vec<Vec<u8>> = Vec::new();
    command! { "printf", args: ["a\\0b\\377\\0\\0"], stdout: split(0, |record| records.push(record.to_vec())) }
        .run()
        .expect("it runs");
    assert_eq!(records, [b"a".to_vec(), b"b\xff".to_vec(), Vec::new()]);
}

#[test]
fn both_streams_at_once() {
    let _watch = airtight_tests::Watch::new();
    let (mut out, mut err) = (0, 0);
    let flood = command! {
        ACTOR,
        args: ["flood-both", 300_000],
        stdout: split(b'y', |all| out += all.len()),
        stderr: lines(|line| err += line.len()),
    };
    flood.run().expect("it runs");
    assert_eq!((out, err), (300_000, 300_000));
}

#[test]
fn called_while_the_program_runs() {
    let _watch = airtight_tests::Watch::new();
    // The program ends only after the callback has closed its input.
    let (read, write) = std::io::pipe().expect("a pipe");
    (&write).write_all(b"first\n").expect("room in the pipe");
    let (mut write, mut seen) = (Some(write), Vec::new());
    let cat = command! { "cat", stdin: fd(read), stdout: lines(|line| {
        seen.push(line.to_owned());
        if let Some(mut write) = write.take() {
            write.write_all(b"second\n")?;
        }
        Ok::<(), std::io::Error>(())
    }) };
    cat.run().expect("it runs");
    assert_eq!(seen, ["first", "second"]);
}

#[test]
fn a_callback_may_run_a_command_itself() {
    let _watch = airtight_tests::Watch::new();
    let mut said = Vec::new();
    command! { "seq", args: [3], stdout: lines(|line| {
        let echo = command! { "echo", args: [line, "again"], stdout: text }.run();
        said.push(echo.map(|output| output.into_stdout()).unwrap_or_default());
    }) }
    .run()
    .expect("it runs");
    assert_eq!(said, ["1 again\n", "2 again\n", "3 again\n"]);
}

#[test]
fn a_panic_of_a_callback_ends_the_program() {
    let _watch = airtight_tests::Watch::new();
    let begun = Instant::now();
    let endless = command! { "yes", stdout: lines(|line| assert!(line != "y", "of the callback")), stderr: text };
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| endless.run())).unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>().copied(), Some("of the callback"));
    command! { "true" }.run().expect("the next one runs");
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[test]
fn streams_that_the_program_closes_before_it_ends() {
    let _watch = airtight_tests::Watch::new();
    let mut lines = 0;
    let closing = command! {
        "sh",
        shell_script: "exec >&- 2>&-; sleep 0.2; exit 3",
        stdin: buffer("unread"),
        stdout: lines(|_: &str| lines += 1),
        stderr: buffer,
        status: code,
    };
    assert_eq!((closing.run().expect("it runs").status(), lines), (3, 0));
}

#[test]
fn an_error_ends_the_command() {
    let _watch = airtight_tests::Watch::new();
    let begun = Instant::now();
    let mut seen = Vec::new();
    let error = command! { "yes", stdout: lines(|line| {
        seen.push(line.to_owned());
        if seen.len() < 3 { Ok(()) } else { Err("enough is enough") }
    }) }
    .run()
    .unwrap_err();
    let ErrorKind::Callback { stream: "stdout", source, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "enough is enough");
    assert_eq!(error.to_string(), "`yes` was ended, because the callback of stdout failed: enough is enough");
    assert_eq!(seen.len(), 3);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_error_at_the_last_piece_counts() {
    let _watch = airtight_tests::Watch::new();
    let error = command! {
        "printf",
        args: ["a\\nlast"],
        stdout: lines(|line| if line == "last" { Err("no") } else { Ok(()) }),
    };
    assert!(matches!(error.run().unwrap_err().kind(), ErrorKind::Callback { .. }));
    let fails = command! { ACTOR, args: ["stdout", "x\n", "exit", 3], stdout: lines(|_| ()) };
    assert_eq!(fails.run().unwrap_err().exit_status().and_then(|status| status.code()), Some(3));
}

#[test]
fn a_strict_line_that_is_no_utf8_is_an_error() {
    let _watch = airtight_tests::Watch::new();
    let mut lines = Vec::new();
    let print =
        command! { "printf", args: ["ok\\r\\n\\377\\n"], stdout: lines(|line| lines.push(line.to_owned()), strict) };
    let error = print.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Callback { .. }), "{error:?}");
    assert!(error.to_string().contains("invalid utf-8"), "{error}");
    assert_eq!(lines, ["ok"]);
}

#[test]
fn what_is_left_behind_is_not_waited_for_by_lines_but_by_split() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let leaves = command! { ACTOR, args: ["stdout", "said", "leave-behind", 10_000, folder.path()] };
    let (begun, mut lines, mut records) = (Instant::now(), Vec::new(), Vec::new());
    command! { ..leaves.clone(), stdout: lines(|line| lines.push(line.to_owned())) }.run().expect("it runs");
    assert!(begun.elapsed() < Duration::from_millis(900), "{:?}", begun.elapsed());
    let held = command! { ..leaves, stdout: split(0, |record| records.push(record.to_vec())) }.run().unwrap_err();
    assert!(matches!(held.kind(), ErrorKind::HeldOpen { stream: "stdout", .. }), "{held:?}");
    assert_eq!(lines, ["said"]);
}

#[test]
fn the_end_of_a_taken_stderr_is_on_the_error() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { ACTOR, args: ["stderr", "why\n", "exit", 1], stderr: lines(|_| ()) }.run().unwrap_err();
    assert_eq!(error.stderr(), b"why\n");
}

#[test]
fn a_byte_that_is_no_utf8_ends_nothing() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let proof = folder.join("proof");
    let mut lines = Vec::new();
    command! {
        "sh",
        shell_script: "printf 'caf\\351\\n\\302'; sleep 0.1; printf '\\251 x\\n'; touch -- \"$1\"; printf '\\360\\237'",
        args: [&proof],
        stdout: lines(|line| lines.push(line.to_owned())),
    }
    .run()
    .expect("it runs to its end");
    // A character split between two reads is joined; an incomplete one is replaced.
    assert_eq!(lines, ["caf\u{fffd}", "\u{a9} x", "\u{fffd}"]);
    assert!(proof.exists());
}

#[test]
fn lines_of_other_systems() {
    let _watch = airtight_tests::Watch::new();
    let said = "a\\r\\nb\\n\\r\\nc\\rd\\r\\r\\n\\0e\\n";
    let (mut lossy, mut strict, mut bytes) = (Vec::new(), Vec::new(), Vec::new());
    command! { "printf", args: [said], stdout: lines(|line| lossy.push(line.to_owned())) }.run().expect("it runs");
    command! { "printf", args: [said], stdout: lines(|line| strict.push(line.to_owned()), strict) }
        .run()
        .expect("it runs");
    assert_eq!(lossy, ["a", "b", "", "c\rd\r", "\0e"]);
    assert_eq!(strict, lossy);
    let content = command! { "printf", args: [said], stdout: buffer }.run().expect("it runs").into_stdout();
    let expected: Vec<String> = std::io::BufRead::lines(&content[..]).map(|line| line.expect("UTF-8")).collect();
    assert_eq!(lossy, expected);
    // `split` does not strip `\r`.
    command! { "printf", args: ["a\\r\\n"], stdout: split(b'\n', |line| bytes.push(line.to_vec())) }
        .run()
        .expect("it runs");
    assert_eq!(bytes, [b"a\r"]);
}

#[test]
fn a_slow_callback_gets_no_piece_once_the_time_is_up() {
    let _watch = airtight_tests::Watch::new();
    let slow = |_: &str| std::thread::sleep(Duration::from_millis(20));
    let begun = Instant::now();
    // More lines than the callback could take in a minute.
    let error = command! { "seq", args: [10_000], stdout: lines(slow), timeout: Duration::from_millis(300) }.run();
    assert!(matches!(error.map(drop).unwrap_err().kind(), ErrorKind::Timeout { .. }));
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let counts = move |_: &str| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::thread::sleep(Duration::from_millis(20));
    };
    let background = command! { "seq", args: [10_000], stdout: lines(counts) }.background().expect("it starts");
    while count.load(Ordering::SeqCst) == 0 {
        std::thread::sleep(Duration::from_millis(5));
    }
    drop(background);
    let at_the_drop = count.load(Ordering::SeqCst);
    std::thread::sleep(Duration::from_millis(300));
    assert_eq!(count.load(Ordering::SeqCst), at_the_drop, "it is called on");
}
