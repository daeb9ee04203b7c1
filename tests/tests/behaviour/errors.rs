//! Errors and their one-line messages.

use airtight::{ErrorKind, Rule, Step, command};
use airtight_tests::{Folder, Mounts, alone, is_root, skipped};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

fn write_executable(path: &std::path::Path, content: &[u8]) {
    std::fs::write(path, content).expect("a file");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("its mode");
}

#[test]
fn a_program_that_cannot_be_executed() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let shown = |program: &std::path::Path| command! { program }.run().unwrap_err().to_string();
    let at = |name: &str| folder.join(name).display().to_string();

    assert_eq!(shown(&folder.join("missing")), format!("`{}` does not exist", at("missing")));
    std::fs::write(folder.join("plain"), "text").expect("a file");
    let plain = at("plain");
    assert_eq!(
        shown(&folder.join("plain")),
        format!(
            "`{plain}` was not started: cannot execute `{plain}`: this user may not execute it: \
                 Permission denied (os error 13)"
        )
    );
    let folder_itself = folder.path().display();
    assert_eq!(
        shown(folder.path()),
        format!("`{folder_itself}` was not started: cannot execute `{folder_itself}`: it is a directory")
    );
    write_executable(&folder.join("text"), b"just text");
    assert!(
        shown(&folder.join("text"))
            .ends_with("it is neither an executable for this machine nor a script that begins with `#!`")
    );
    write_executable(&folder.join("script"), b"#!/nonexistent/interpreter -x\n");
    assert!(shown(&folder.join("script")).ends_with("its interpreter `/nonexistent/interpreter` does not exist"));
    write_executable(&folder.join("script2"), format!("#!{plain}\n").as_bytes());
    assert!(shown(&folder.join("script2")).ends_with(&format!("its interpreter `{plain}` is not executable")));
    let error = command! { folder.join("missing") }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::NotFound { searched, .. } if searched.is_empty()), "{error:?}");
}

#[test]
fn steps_that_fail_are_named() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { "true", cwd: "/nonexistent/folder" }.run().unwrap_err();
    let ErrorKind::Start { step, operand, source, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!(
        (*step, operand.as_str(), source.raw_os_error()),
        (Step::Chdir, "/nonexistent/folder", Some(libc::ENOENT))
    );
    // The message already contains the cause: a chain of errors would print it twice.
    assert!(error.to_string().ends_with(": No such file or directory (os error 2)"), "{error}");
    assert!(std::error::Error::source(&error).is_none());
    let error = command! { "true", cwd: "/etc/passwd" }.run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`true` was not started: cannot change directory to `/etc/passwd`: Not a directory (os error 20)"
    );
    let error = command! { "true", stdout: file("/nonexistent/out") }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::OpenStream, .. }), "{error:?}");
    let long = "x".repeat(200_000);
    let error = command! { "true", args: [long] }.run().unwrap_err();
    assert!(error.to_string().ends_with("bytes long, and the kernel allows 131071"), "{error}");
}

#[test]
fn a_null_device_that_is_none() {
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return skipped(
            "a_null_device_that_is_none",
            "it mounts a file over /dev/null in a namespace of its own: needs root",
        );
    }
    alone("a_null_device_that_is_none", || {
        let folder = Folder::new();
        let (file, stdin) = (folder.join("file"), folder.join("stdin"));
        std::fs::write(&file, "").expect("a file");
        std::fs::write(&stdin, "").expect("a file");
        Mounts::of_this_process().bind(&file, "/dev/null");
        let error = command! { "true" }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::DevNull, .. }), "{error:?}");
        assert_eq!(
            error.to_string(),
            "`true` was not started: cannot open the null device: `/dev/null` is not the null device"
        );
        // None of these streams needs the device, so it is not opened.
        command! { "true", stdin: file(&stdin), stdout: buffer, stderr: buffer }.run().expect("it runs");
    });
}

#[test]
fn no_descriptor_is_left() {
    let _watch = airtight_tests::Watch::new();
    alone("no_descriptor_is_left", || {
        let limit = libc::rlimit { rlim_cur: 4, rlim_max: 4 };
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        let error = command! { "/bin/true", stdout: buffer }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Pipe, .. }), "{error:?}");
        let emfile = std::io::Error::from_raw_os_error(libc::EMFILE);
        assert_eq!(
            error.to_string(),
            format!("`/bin/true` was not started: cannot create a pipe for `stdout`: {emfile}")
        );
    });
}

#[test]
fn an_exit_carries_the_quoted_command_and_the_end_of_stderr() {
    let _watch = airtight_tests::Watch::new();
    let args = ["stdout", "o", "stderr", "first\nthe  reason \n\n", "exit", "3"];
    let error = command! { ACTOR, args: [..args, "a b"], stdout: buffer }.run().unwrap_err();
    let quoted = format!("{ACTOR} stdout o stderr 'first\nthe  reason \n\n' exit 3 'a b'");
    assert_eq!(error.command_line(), quoted);
    assert_eq!(error.to_string(), format!("`{}` exited with code 3: the  reason", quoted.replace('\n', "\\n")));
    assert_eq!(error.to_string().lines().count(), 1);
    assert_eq!((error.stdout(), error.stderr()), (&b"o"[..], &b"first\nthe  reason \n\n"[..]));
    let error = command! { ACTOR, args: ["stderr", "x".repeat(10_000), "exit", 1] }.run().unwrap_err();
    assert_eq!(error.stderr(), "x".repeat(4096).as_bytes());
    let error = command! { ACTOR, args: ["stderr", "kept", "exit", 1], stderr: buffer }.run().unwrap_err();
    assert_eq!((error.stderr(), error.to_string().ends_with(": kept")), (&b"kept"[..], true));
}

#[test]
fn what_a_terminal_would_act_on_is_escaped() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { ACTOR, args: ["stderr", "\x1b[2Jgone\x07", "exit", 1], argv0: "\x1b" }.run().unwrap_err();
    assert!(!error.to_string().contains(['\x1b', '\x07']), "{error:?}");
    // A message must not mislead its reader either, by bidirectional marks, zero-width characters or line separators.
    let unseen = [
        '\u{61c}',
        '\u{200b}',
        '\u{200d}',
        '\u{200e}',
        '\u{200f}',
        '\u{2028}',
        '\u{2029}',
        '\u{202a}',
        '\u{202e}',
        '\u{2060}',
        '\u{2066}',
        '\u{2069}',
        '\u{feff}',
        '\u{85}',
        '\u{9b}',
        '\u{e0041}',
    ];
    let text: String = unseen.iter().flat_map(|char| [*char, 'x']).collect();
    let error = command! { ACTOR, args: ["stderr", &text, "exit", 1] }.run().unwrap_err();
    let missing = command! { format!("/no/{text}") }.run().unwrap_err();
    let folder = command! { "true", cwd: format!("/no/{text}") }.run().unwrap_err();
    let option = format!("-{text}");
    let refused = command! { "true", args: [option] }.run().unwrap_err();
    let failing = |line: &str| Err::<(), _>(line.to_owned());
    let callback = command! { "echo", args: [&text], stdout: lines(failing) }.run().unwrap_err();
    for error in [error, missing, folder, refused, callback] {
        assert!(!error.to_string().contains(unseen), "{error:?}");
        assert!(!format!("{error:?}").contains(unseen), "{error:?}");
        assert!(error.to_string().contains("\\u{202e}"), "{error}");
    }
}

#[test]
fn a_nul_is_refused_and_nothing_is_started() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (proof, nul) = (folder.join("started"), "a\0b");
    let refused = |error: airtight::Error, rule: Rule, argument: Option<usize>, shown: &str| {
        let ErrorKind::Refused { rule: seen, argument: at, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!((*seen, *at), (rule, argument));
        assert!(error.to_string().contains(shown), "{error}");
        assert!(!proof.exists(), "it was started");
    };
    let touch = || command! { "touch", args: ["--", &proof] };
    refused(
        command! { ..touch(), args: [nul] }.run().unwrap_err(),
        Rule::Nul,
        Some(3),
        "argument 3 contains a NUL byte",
    );
    refused(
        command! { ..touch(), args: ["--k" = nul] }.run().unwrap_err(),
        Rule::Nul,
        Some(3),
        "argument 3 contains a NUL byte",
    );
    refused(command! { ..touch(), args: [("-k", nul)] }.run().unwrap_err(), Rule::Nul, Some(4), "argument 4 contains");
    refused(command! { ..touch(), args: [..["x", nul]] }.run().unwrap_err(), Rule::Nul, Some(4), "argument 4 contains");
    refused(
        command! { ..touch(), args: [verbatim(nul)] }.run().unwrap_err(),
        Rule::Nul,
        Some(3),
        "argument 3 contains",
    );
    refused(
        command! { ..touch(), env: { KEY = nul } }.run().unwrap_err(),
        Rule::Nul,
        None,
        "variable `KEY` contains a NUL byte",
    );
    refused(
        command! { ..touch(), cwd: format!("/{nul}") }.run().unwrap_err(),
        Rule::Nul,
        None,
        "`cwd` contains a NUL byte",
    );
    refused(command! { ..touch(), argv0: nul }.run().unwrap_err(), Rule::Nul, None, "`argv0` contains a NUL byte");
    refused(
        command! { ..touch(), stdout: file(nul) }.run().unwrap_err(),
        Rule::Nul,
        None,
        "`stdout` contains a NUL byte",
    );
    refused(command! { nul }.run().unwrap_err(), Rule::Nul, None, "contains a NUL byte");
    // The first of several is reported.
    refused(
        command! { ..touch(), args: [nul, String::from("-x")] }.run().unwrap_err(),
        Rule::Nul,
        Some(3),
        "argument 3",
    );
}

#[test]
fn other_values_that_are_refused() {
    let _watch = airtight_tests::Watch::new();
    let rule = |error: airtight::Error, rule: Rule, shown: &str| {
        assert!(matches!(error.kind(), ErrorKind::Refused { rule: seen, .. } if *seen == rule), "{error:?}");
        assert!(error.to_string().contains(shown), "{error}");
    };
    let (empty, relative, wide) = (String::new(), "bin/true", 0o1777);
    rule(command! { empty }.run().unwrap_err(), Rule::EmptyProgram, "its name is empty");
    rule(command! { relative }.run().unwrap_err(), Rule::RelativeProgram, "it is a relative path");
    rule(command! { "true", cwd: relative }.run().unwrap_err(), Rule::RelativePath, "`cwd` is not an absolute path");
    rule(
        command! { "true", env: xdg(relative) }.run().unwrap_err(),
        Rule::RelativePath,
        "`xdg` is not an absolute path",
    );
    rule(command! { "true", umask: wide }.run().unwrap_err(), Rule::Umask, "`umask` is 0o1777, with bits beyond 0o777");
    rule(command! { "true", env: empty + ..[("", "x")] }.run().unwrap_err(), Rule::VariableName, "has an empty name");
    rule(
        command! { "true", env: empty + ..[("A=B", "x")] }.run().unwrap_err(),
        Rule::VariableName,
        "the name of variable `A=B` contains `=`",
    );
    let no_equals = "NAME";
    rule(
        command! { "true", env: empty + format!("{no_equals}-{wide}") }.run().unwrap_err(),
        Rule::VariableName,
        "variable `NAME-1023` has no `=`",
    );
    assert_eq!(Rule::VariableName.to_string(), "variable_name");
}

#[test]
fn an_empty_program_and_arguments_that_are_no_utf8() {
    let _watch = airtight_tests::Watch::new();
    let bytes: OsString = OsStr::from_bytes(b"caf\xe9").to_owned();
    let output = command! { "printf", args: ["%s", bytes], stdout: buffer }.run().expect("it runs");
    assert_eq!(output.stdout(), b"caf\xe9");
    let error = command! { OsStr::from_bytes(b"/no/caf\xe9") }.run().unwrap_err();
    assert_eq!(error.to_string(), "`/no/caf\u{fffd}` does not exist");
}

#[test]
fn an_output_over_its_bound() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let done = folder.join("done");
    let flood = |length: u32| command! { ACTOR, args: ["flood-stdout", length] };
    let error = command! { ..flood(100_000), stdout: buffer(max = 1000) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutputLimit { stream: "stdout", max: 1000, .. }), "{error:?}");
    assert_eq!(error.stdout(), "x".repeat(1000).as_bytes());
    assert!(error.to_string().contains("wrote more than 1000 bytes to stdout"), "{error}");
    // The child was not killed.
    let finishing = command! { "tee", args: [&done], stdin: buffer("y".repeat(1 << 20)), stdout: text(max = 10) };
    let error = finishing.run().unwrap_err();
    assert_eq!(error.stdout(), b"yyyyyyyyyy");
    assert_eq!(std::fs::metadata(&done).expect("it was written").len(), 1 << 20);
    // Output of exactly the bound is allowed; a failed exit stays one, with the output that was read.
    assert_eq!(command! { ..flood(1000), stdout: buffer(max = 1000) }.run().expect("it fits").stdout().len(), 1000);
    assert!(command! { ..flood(0), stdout: buffer(max = 0) }.run().is_ok());
    let error = command! { ..flood(5000), args: ["exit", 4], stdout: buffer(max = 1000) }.run().unwrap_err();
    assert_eq!((error.exit_status().and_then(|status| status.code()), error.stdout().len()), (Some(4), 1000));
    let error =
        command! { ACTOR, args: ["flood-both", 200_000], stderr: text(max = 5), stdout: buffer }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutputLimit { stream: "stderr", .. }), "{error:?}");
    assert_eq!((error.stdout().len(), error.stderr()), (200_000, &b"xxxxx"[..]));
}

#[test]
fn somebody_else_waits_for_any_child() {
    let _watch = airtight_tests::Watch::new();
    alone("somebody_else_waits_for_any_child", || {
        let stop = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !stop.load(std::sync::atomic::Ordering::Relaxed) {
                    // SAFETY: waits for any child, as careless code does.
                    unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) };
                }
            });
            for _ in 0..100 {
                match command! { ACTOR, args: ["exit", 7], status: code }.run() {
                    Ok(output) => assert_eq!(output.status(), 7),
                    Err(error) => assert!(matches!(error.kind(), ErrorKind::LostStatus), "{error:?}"),
                }
                let missing = command! { "/nonexistent" }.run().unwrap_err();
                assert!(matches!(missing.kind(), ErrorKind::NotFound { .. }), "{missing:?}");
            }
            stop.store(true, std::sync::atomic::Ordering::Relaxed);
        });
    });
}

/// The error is another one, and has the exit status besides.
#[test]
fn the_status_of_a_program_that_ended_is_on_every_error() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let here = folder.join("here");
    let code = |error: &airtight::Error| error.exit_status().and_then(|status| status.code());
    let signal = |error: &airtight::Error| {
        error.exit_status().and_then(|status| std::os::unix::process::ExitStatusExt::signal(&status))
    };

    std::fs::write(&here, "").expect("a file");
    let leaves = command! { ACTOR, args: ["leave-behind", 30_000, &here, "exit", 3], stdout: text, status: code };
    let error = leaves.run().unwrap_err();
    std::fs::remove_file(&here).expect("the file");
    assert!(matches!(error.kind(), ErrorKind::HeldOpen { .. }), "{error:?}");
    assert_eq!(code(&error), Some(3));

    let floods = command! { ACTOR, args: ["flood-stdout", 2000, "exit", 3], stdout: buffer(max = 1000), status: code };
    let error = floods.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::OutputLimit { .. }), "{error:?}");
    assert_eq!(code(&error), Some(3));

    let odd = command! { ACTOR, args: ["every-byte", "exit", 3], stdout: text, stderr: null, status: code };
    let error = odd.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidUtf8 { .. }), "{error:?}");
    assert_eq!(code(&error), Some(3));

    let failing = |_: &str| Err::<(), _>("not that");
    let refused = command! { ACTOR, args: ["stdout", "line\n", "sleep", 60_000], stdout: lines(failing) };
    let error = refused.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Callback { .. }), "{error:?}");
    assert_eq!(signal(&error), Some(libc::SIGKILL));

    let soon = std::time::Duration::from_millis(100);
    let error = command! { ACTOR, args: ["sleep", 60_000], timeout: soon }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(signal(&error), Some(libc::SIGTERM));
    let error = command! { ACTOR, args: ["sleep", 60_000], timeout: soon }.spawn().unwrap().wait().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    assert_eq!(signal(&error), Some(libc::SIGTERM));

    let error = command! { ACTOR, args: ["flood-stdout", 20], stdout: buffer(max = 10) }.background().unwrap().wait();
    assert_eq!(code(&error.unwrap_err()), Some(0));
    // No program was started, so there is no status.
    assert_eq!(command! { "/nonexistent" }.run().unwrap_err().exit_status(), None);
    assert_eq!(command! { "bin/true".to_owned() }.run().unwrap_err().exit_status(), None);
}

/// The error is the event that ended the program, not one of the other stream.
#[test]
fn a_failed_callback_is_told_before_a_bound() {
    let _watch = airtight_tests::Watch::new();
    let failing = |_: &str| Err::<(), _>("not that");
    let both = command! {
        ACTOR,
        args: ["flood-stdout", 5000, "stderr", "line\n", "sleep", 60_000],
        stdout: buffer(max = 10),
        stderr: lines(failing),
    };
    let error = both.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Callback { stream: "stderr", .. }), "{error:?}");
    assert!(error.to_string().ends_with("the callback of stderr failed: not that"), "{error}");
}
