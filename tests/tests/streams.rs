//! The kinds of the three streams, checked by the data that arrives.

use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Observed, alone, proc};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::os::fd::AsRawFd;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

fn every_byte() -> Vec<u8> {
    (0..=u8::MAX).collect()
}

/// The types of a child's three streams; the child writes its report to `report`.
fn kinds(report: &File) -> Vec<String> {
    let mut text = Vec::new();
    let mut report = report;
    report.rewind().and_then(|()| report.read_to_end(&mut text)).expect("a report");
    Observed::parse(&text).fds().into_values().map(str::to_owned).collect()
}

#[test]
fn any_bytes_pass_through_all_three() {
    let _watch = airtight_tests::Watch::new();
    let output =
        command! { ACTOR, args: ["echo"], stdin: buffer(every_byte()), stdout: buffer }.run().expect("it runs");
    assert_eq!(output.stdout(), every_byte());
    let output = command! { ACTOR, args: ["every-byte"], stdout: buffer, stderr: buffer }.run().expect("it runs");
    assert_eq!((output.stdout(), output.stderr()), (&every_byte()[..], &every_byte()[..]));
    assert_eq!(output.into_streams(), (every_byte(), every_byte()));
}

#[test]
fn what_can_be_fed() {
    let _watch = airtight_tests::Watch::new();
    let fed = |output: airtight::Output<_>| -> Vec<u8> { output.into_stdout() };
    let (string, bytes) = (String::from("fed"), vec![0u8, 255]);
    assert_eq!(fed(command! { "cat", stdin: buffer("lit"), stdout: buffer }.run().expect("it runs")), b"lit");
    assert_eq!(fed(command! { "cat", stdin: buffer(&string), stdout: buffer }.run().expect("it runs")), b"fed");
    assert_eq!(fed(command! { "cat", stdin: buffer(string), stdout: buffer }.run().expect("it runs")), b"fed");
    assert_eq!(fed(command! { "cat", stdin: buffer(&bytes), stdout: buffer }.run().expect("it runs")), [0, 255]);
    assert_eq!(fed(command! { "cat", stdin: buffer(&bytes[..1]), stdout: buffer }.run().expect("it runs")), [0]);
    assert_eq!(fed(command! { "cat", stdin: buffer(bytes), stdout: buffer }.run().expect("it runs")), [0, 255]);
    assert_eq!(fed(command! { "cat", stdin: buffer(b"\0array"), stdout: buffer }.run().expect("it runs")), b"\0array");
    assert_eq!(fed(command! { "cat", stdin: buffer(""), stdout: buffer }.run().expect("it runs")), b"");
}

#[test]
fn much_more_than_a_pipe_holds_in_both_directions() {
    let _watch = airtight_tests::Watch::new();
    let input: Vec<u8> = (0..20_000_000u32).map(|n| (n % 251) as u8).collect();
    let output =
        command! { ACTOR, args: ["pass-on"], stdin: buffer(input.clone()), stdout: buffer }.run().expect("it runs");
    assert!(output.stdout() == input, "{} bytes came back of {}", output.stdout().len(), input.len());
    let output =
        command! { ACTOR, args: ["flood-both", 5_000_000], stdout: buffer, stderr: buffer }.run().expect("it runs");
    assert_eq!((output.stdout().len(), output.stderr().len()), (5_000_000, 5_000_000));
}

#[test]
fn a_child_that_closes_stdin_early_is_no_error() {
    let _watch = airtight_tests::Watch::new();
    let input = vec![b'x'; 10_000_000];
    command! { ACTOR, args: ["close-stdin", "sleep", 50], stdin: buffer(input.clone()) }.run().expect("it succeeds");
    command! { "true", stdin: buffer(input) }.run().expect("it succeeds");
}

#[test]
fn feeding_raises_no_sigpipe_whatever_its_disposition() {
    let _watch = airtight_tests::Watch::new();
    alone("feeding_raises_no_sigpipe_whatever_its_disposition", || {
        // SAFETY: the default action ends this process, which is the test.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
        for _ in 0..20 {
            command! { "true", stdin: buffer(vec![b'x'; 1_000_000]) }.run().expect("it succeeds");
        }
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: a query without pointers.
        unsafe { libc::sigaction(libc::SIGPIPE, std::ptr::null(), action.as_mut_ptr()) };
        // SAFETY: it was filled.
        assert_eq!(unsafe { action.assume_init() }.sa_sigaction, libc::SIG_DFL, "the disposition was changed");
    });
}

#[test]
fn text_is_utf8() {
    let _watch = airtight_tests::Watch::new();
    let output = command! { "printf", args: ["gr%s\\n", "ün"], stdout: text }.run().expect("it runs");
    assert_eq!(output.stdout(), "grün\n");
    assert_eq!(output.into_stdout(), "grün\n");
    let error = command! { ACTOR, args: ["every-byte"], stdout: text, stderr: buffer }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidUtf8 { stream: "stdout", valid_up_to: 128, .. }), "{error:?}");
    assert_eq!((error.stdout(), error.stderr()), (&every_byte()[..], &every_byte()[..]));
    let error = command! { ACTOR, args: ["every-byte"], stdout: buffer, stderr: text }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidUtf8 { stream: "stderr", .. }), "{error:?}");
    assert_eq!((error.stdout(), error.stderr()), (&every_byte()[..], &every_byte()[..]));
}

#[test]
fn stderr_goes_where_stdout_goes() {
    let _watch = airtight_tests::Watch::new();
    let say = command! { ACTOR, args: ["stdout", "a", "stderr", "b", "stdout", "c"] };
    let output = command! { ..say.clone(), stdout: text, stderr: stdout }.run().expect("it runs");
    assert_eq!(output.stdout(), "abc");
    let folder = Folder::new();
    command! { ..say, stdout: file(folder.join("both")), stderr: stdout }.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(folder.join("both")).expect("the file"), "abc");
    // The error has the end of a merged log.
    let error = command! { ACTOR, args: ["stdout", "x", "stderr", "y", "exit", 1], stderr: stdout }.run().unwrap_err();
    assert_eq!(error.stderr(), b"xy");
}

#[test]
fn files() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let path = folder.join("file");
    std::fs::write(&path, "longer than what follows").expect("a file");
    let say = |word: &str| command! { ACTOR, args: ["stdout", word, "stderr", word] };
    command! { ..say("one"), stdout: file(&path) }.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "one");
    command! { ..say("two"), stdout: null, stderr: append(&path) }.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "onetwo");
    let new = folder.join("new");
    command! { ..say("three"), stdout: append(&new), stderr: file(folder.join("err")) }.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(&new).expect("the file"), "three");
    let read = command! { "cat", stdin: file(&path), stdout: text }.run().expect("it runs");
    assert_eq!(read.stdout(), "onetwo");
    let error = command! { "cat", stdin: file("/nonexistent/input") }.run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`cat` was not started: cannot open `/nonexistent/input`: No such file or directory (os error 2)"
    );
}

#[test]
fn descriptors_borrowed_and_moved() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let path = folder.join("file");
    let (file, copy) = (File::create(&path).expect("a file"), File::create(folder.join("other")).expect("a file"));
    let say = command! { ACTOR, args: ["stdout", "out", "stderr", "err"] };
    command! { ..say.clone(), stdout: fd(&file), stderr: fd(&file) }.run().expect("it runs");
    command! { ..say.clone(), stdout: fd(&file), stderr: fd(copy) }.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "outerrout");
    (&file).write_all(b"!").expect("it is still open");
    // A command that borrows a descriptor is Clone. One that owns a descriptor is not, but runs like any other.
    let borrowing = command! { ..say, stdout: fd(&file) };
    borrowing.clone().run().expect("it runs");
    borrowing.run().expect("it runs");
    drop(file);
    let read =
        command! { "cat", stdin: fd(File::open(&path).expect("the file")), stdout: text }.run().expect("it runs");
    assert_eq!(read.stdout(), "outerrout!outout");
}

#[test]
fn a_moved_pipe_is_closed_before_the_child_is_waited_for() {
    let _watch = airtight_tests::Watch::new();
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let reading = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("text");
        text
    });
    command! { ACTOR, args: ["stdout", "through", "sleep", 50], stdout: fd(writer) }.run().expect("it runs");
    assert_eq!(reading.join().expect("the reader"), "through");
}

#[test]
fn swapped_streams() {
    let _watch = airtight_tests::Watch::new();
    alone("swapped_streams", || {
        let folder = Folder::new();
        let open = |name: &str| File::create(folder.join(name)).expect("a file");
        // SAFETY: this process runs one test; its streams are replaced on purpose, and restored.
        let kept = [1, 2].map(|fd| unsafe { libc::dup(fd) });
        // SAFETY: as above.
        unsafe { libc::dup2(open("out").as_raw_fd(), 1) };
        // SAFETY: as above.
        unsafe { libc::dup2(open("err").as_raw_fd(), 2) };
        let (stdout, stderr) = (std::io::stdout(), std::io::stderr());
        let say = command! { ACTOR, args: ["stdout", "o", "stderr", "e"], stdout: fd(&stderr), stderr: fd(&stdout) };
        let ran = say.run();
        // SAFETY: as above.
        unsafe { libc::dup2(kept[0], 1) };
        // SAFETY: as above.
        unsafe { libc::dup2(kept[1], 2) };
        ran.expect("it runs");
        assert_eq!(std::fs::read_to_string(folder.join("out")).expect("the file"), "e");
        assert_eq!(std::fs::read_to_string(folder.join("err")).expect("the file"), "o");
    });
}

#[test]
fn null_and_inherited_streams() {
    let _watch = airtight_tests::Watch::new();
    let report = tempfile();
    command! { OBSERVER, stdout: fd(&report), stderr: null }.run().expect("it runs");
    let kinds_seen = kinds(&report);
    assert_eq!((kinds_seen[0].as_str(), kinds_seen[2].as_str(), kinds_seen.len()), ("/dev/null", "/dev/null", 3));
    let ours: Vec<_> =
        (0..3).map(|fd| std::fs::read_link(proc(format_args!("self/fd/{fd}"))).expect("a stream")).collect();
    let report = tempfile();
    command! { OBSERVER, stdin: inherit, stdout: fd(&report), stderr: inherit }.run().expect("it runs");
    let inherited = kinds(&report);
    assert_eq!(
        (inherited[0].as_str(), inherited[2].as_str()),
        (ours[0].to_str().expect("text"), ours[2].to_str().expect("text"))
    );
    command! { "true", stdio: null }.run().expect("it runs");
    command! { "true", stdio: inherit }.run().expect("it runs");
}

#[test]
fn chosen_at_run_time() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let path = folder.join("chosen");
    let file = File::create(folder.join("fd")).expect("a file");
    for verbose in [true, false] {
        let say = command! { ACTOR, args: ["stdout", "o", "stderr", "e"] };
        let chosen = command! {
            ..say,
            stdout: if verbose { append(&path) } else { null },
            stderr: match verbose { true => null, false => append(&path) },
        };
        chosen.clone().run().expect("it runs");
        let with_fd =
            command! { ..chosen, stdout: if verbose { fd(&file) } else if path.exists() { null } else { inherit } };
        with_fd.run().expect("it runs");
    }
    assert_eq!(std::fs::read_to_string(&path).expect("the file"), "oee");
    assert_eq!(std::fs::read_to_string(folder.join("fd")).expect("the file"), "o");
}

fn tempfile() -> File {
    let folder = Folder::new();
    File::options().create_new(true).read(true).write(true).open(folder.join("report")).expect("a file")
}
