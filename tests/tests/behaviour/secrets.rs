//! A secret reaches the child and is shown nowhere.

use airtight::{ErrorKind, args, command};
use airtight_tests::Observed;
use std::collections::HashSet;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

#[test]
fn arrives_and_is_hidden_in_every_display() {
    let _watch = airtight_tests::Watch::new();
    let (secret, list) = (String::from("hunter2"), ["hunter3", "hunter4"]);
    let command = command! {
        OBSERVER,
        args: ["--user=x", secret(&secret), "--password" = secret(&secret), ("--pin", secret(1234)), ..secret(list),
               secret("lit"), ..args![secret("inner")], verbatim(secret("-dash")), secret(format!("f{secret}"))],
        env: empty + { TOKEN = secret(&secret), OPEN = "shown" } + "LIT=literal" + ..secret([("LIST", "hunter5")]),
        stdout: buffer,
    };
    let shown = format!(
        "OPEN=shown LIT=literal LIST=*** {OBSERVER} --user=x *** --password=*** --pin *** *** *** *** *** *** ***"
    );
    assert_eq!(command.to_string(), format!("TOKEN=*** {shown}"));
    assert_eq!(format!("{command:?}"), format!("Command(TOKEN=*** {shown})"));
    assert!(!format!("{command:#}").contains("hunter"));
    let seen = command.run().expect("it runs");
    let seen = Observed::parse(seen.stdout());
    assert_eq!(
        seen.args(),
        [
            "--user=x",
            "hunter2",
            "--password=hunter2",
            "--pin",
            "1234",
            "hunter3",
            "hunter4",
            "lit",
            "inner",
            "-dash",
            "fhunter2"
        ]
    );
    assert_eq!(seen.env(), ["LIST=hunter5", "LIT=literal", "OPEN=shown", "TOKEN=hunter2"]);
}

#[test]
fn is_hidden_in_errors_and_in_the_stderr_that_they_carry() {
    let _watch = airtight_tests::Watch::new();
    let secret = "hunter2";
    let says = command! { ACTOR, args: ["stderr", format!("I was told {secret}\n{secret} it was"), "exit", 1] };
    let error = command! { ..says, env: inherit + { PASSWORD = secret(secret) } }.run().unwrap_err();
    assert_eq!(error.stderr(), b"I was told ***\n*** it was");
    let error = command! { ACTOR, args: ["stderr", secret(format!("I am {secret}")), "exit", 1] }.run().unwrap_err();
    assert_eq!(error.stderr(), b"***");
    assert_eq!(error.command_line(), format!("{ACTOR} stderr *** exit 1"));
    for text in [error.to_string(), format!("{error:?}"), format!("{error:#?}")] {
        assert!(!text.contains(secret), "{text}");
    }
    let refused = command! { "true", args: [secret("-x".to_owned() + secret)] }.run().unwrap_err();
    assert!(!format!("{refused} {refused:?}").contains(secret), "{refused:?}");
    let nul = command! { "true", args: [secret(format!("{secret}\0"))] }.run().unwrap_err();
    assert!(!format!("{nul} {nul:?}").contains(secret), "{nul:?}");
    let variable = command! { "true", env: empty + secret(secret.to_string()) }.run().unwrap_err();
    assert!(!format!("{variable} {variable:?}").contains(secret), "{variable:?}");
    // Returned output is not changed.
    let echo = command! { "echo", args: [secret(secret)], stdout: text }.run().expect("it runs");
    assert_eq!(echo.stdout(), "hunter2\n");
}

#[test]
fn errors_never_show_the_environment() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { "false", env: inherit + { MODE = "mode-of-operation" } }.run().unwrap_err();
    assert!(!format!("{error} {error:?} {}", error.command_line()).contains("mode-of-operation"));
}

/// Every text of an error: Display, Debug, accessors, the chain of causes, a panic.
fn shown(error: airtight::Error) -> String {
    let mut text = format!("{error}\n{error:#}\n{error:?}\n{error:#?}\n{:?}\n{}", error.kind(), error.command_line());
    let mut cause = std::error::Error::source(&error);
    while let Some(inner) = cause {
        text += &format!("\n{inner}\n{inner:?}");
        cause = inner.source();
    }
    let failed: Result<(), airtight::Error> = std::hint::black_box(Err(error));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| failed.expect("it fails")));
    text + panic.unwrap_err().downcast_ref::<String>().expect("a text")
}

#[track_caller]
fn hides(error: airtight::Error, parts: &[&str]) {
    let text = shown(error);
    for part in parts {
        assert!(!text.contains(part), "{part:?} is shown: {text}");
    }
    assert!(text.contains("***"), "{text}");
}

#[test]
fn is_hidden_whatever_becomes_of_the_streams() {
    let _watch = airtight_tests::Watch::new();
    let both = ["stdout", "told hunter2 so", "stderr", "bad password: hunter2", "exit", "1"];
    let says = || command! { ACTOR, args: [..both], env: inherit + { PASSWORD = secret("hunter2") } };
    hides(says().run().unwrap_err(), &["hunter"]);
    hides(command! { ..says(), stderr: buffer }.run().unwrap_err(), &["hunter"]);
    hides(command! { ..says(), stderr: text, stdout: text }.run().unwrap_err(), &["hunter"]);
    hides(command! { ..says(), stderr: file_buffer, stdout: file_buffer }.run().unwrap_err(), &["hunter"]);
    hides(command! { ..says(), stderr: stdout, stdout: buffer }.run().unwrap_err(), &["hunter"]);
    hides(
        command! { ..says(), stderr: lines(|_: &str| {}), stdout: lines(|_: &str| {}) }.run().unwrap_err(),
        &["hunter"],
    );
    hides(command! { ..says(), stderr: pipe, stdout: pipe }.spawn().unwrap().wait().unwrap_err(), &["hunter"]);
    hides(command! { ..says(), stderr: text }.background().unwrap().wait().unwrap_err(), &["hunter"]);
    hides(
        command! { ..says(), stdout: buffer(max = 9), stderr: buffer(max = 19), status: code }.run().unwrap_err(),
        &["hunt"],
    );
    // Captured output is exactly the program's.
    let error = command! { ..says(), stderr: buffer, stdout: text }.run().unwrap_err();
    assert_eq!((error.stdout(), error.stderr()), (&b"told hunter2 so"[..], &b"bad password: hunter2"[..]));
    assert!(error.to_string().ends_with(": bad password: ***"), "{error}");
    let error = command! { ..says(), stderr: stdout }.run().unwrap_err();
    assert!(!String::from_utf8_lossy(error.stderr()).contains("hunter"), "{error:?}");
}

#[test]
fn is_hidden_in_an_output() {
    let _watch = airtight_tests::Watch::new();
    let says = || command! { ACTOR, args: ["stdout", secret("hunter2"), "stderr", "it is hunter2"] };
    let texts = [
        format!("{:?}", command! { ..says(), stdout: text, stderr: text }.run().unwrap()),
        format!("{:#?}", command! { ..says(), stdout: buffer, stderr: file_buffer, status: code }.run().unwrap()),
        format!("{:?}", command! { ..says(), stdout: text }.background().unwrap().wait()),
    ];
    for text in texts {
        // Nor as a list of byte values.
        assert!(!text.contains("hunter") && !text.contains("104, 117") && text.contains("***"), "{text}");
    }
    let plain = command! { "echo", args: ["a"], stdout: buffer }.run().unwrap();
    assert_eq!(format!("{plain:?}"), r#"Output { stdout: "a\n", stderr: (), status: () }"#);
}

#[test]
fn is_hidden_in_what_runs() {
    let _watch = airtight_tests::Watch::new();
    let sleep = || command! { "sleep", args: ["60", secret("hunter2")], env: inherit + { T = secret("hunter3") } };
    assert!(!format!("{:?}", command! { ..sleep(), handshake }.spawn().unwrap()).contains("hunter"));
    assert!(!format!("{:?}", sleep().background().unwrap()).contains("hunter"));
    let child = sleep().spawn().unwrap();
    assert!(!format!("{child:?}").contains("hunter"));
    let pid = child.into_pid();
    assert!(!format!("{pid:?}").contains("hunter"));
    pid.abort();
}

#[test]
fn is_hidden_in_refusals() {
    let _watch = airtight_tests::Watch::new();
    let password = "-hunter2".to_owned();
    let long = format!("-{}", "hunter".repeat(30));
    let list = args![&password];
    hides(command! { "true", args: [..secret(&list)] }.run().unwrap_err(), &["hunter"]);
    let nested = args!["-x", ..secret(list)];
    hides(command! { "true", args: [..secret(args!["a", ..&nested])] }.run().unwrap_err(), &["hunter"]);
    hides(command! { "true", args: [..&nested] }.run().unwrap_err(), &["hunter"]);
    hides(command! { "true", args: [secret(&password)] }.run().unwrap_err(), &["hunter"]);
    hides(command! { "true", args: [..secret(vec![password])] }.run().unwrap_err(), &["hunter"]);
    hides(command! { "true", args: [..secret(args![&long])] }.run().unwrap_err(), &["hunter"]);
    // Another argument that contains it, also one that is abbreviated in the display.
    let repeating = format!("-p{long}");
    hides(command! { "true", args: [repeating, "--", secret(&long)] }.run().unwrap_err(), &["hunter"]);
    let (program, shell) = ("/usr/bin/env".to_owned(), "/bin/sh".to_owned());
    hides(
        command! { program, args: [secret(&shell), "-c", secret("echo hunter2")] }.run().unwrap_err(),
        &["hunter", "/bin/sh"],
    );
    let names = ["NAME-hunter2", "hun\0ter2=x", "=hunter2"];
    for name in names {
        let error = command! { "true", env: empty + secret(name.to_owned()) }.run().unwrap_err();
        assert!(!shown(error).contains("hun"), "{name:?}");
    }
    let error = command! { "true", env: empty + ..secret([("hunter=2", "x")]) }.run().unwrap_err();
    assert!(!shown(error).contains("hunter"));
}

#[test]
fn is_hidden_where_it_is_repeated_unmarked() {
    let _watch = airtight_tests::Watch::new();
    let token = "hunter2";
    let repeating = command! {
        "curl",
        args: [format!("https://{token}@host/"), "-H", secret(token)],
        env: empty + { URL = format!("https://{token}@host/") },
    };
    assert_eq!(repeating.to_string(), "URL='https://***@host/' curl 'https://***@host/' -H ***");
    let error = command! { "true", args: [secret(token)], cwd: format!("/nonexistent/{token}") }.run().unwrap_err();
    hides(error, &["hunter"]);
    let error = command! { format!("/no/{token}"), args: [secret(token)] }.run().unwrap_err();
    assert!(!error.to_string().contains("hunter"), "{error}");
    // The words of the message itself are not searched for secrets.
    let error = command! { "false", args: [secret("exited"), secret("with"), secret("code")] }.run().unwrap_err();
    assert_eq!(error.to_string(), "`false *** *** ***` exited with code 1");
    assert_eq!(format!("{:?}", args![secret(token), format!("={token}=")]), "[***, '=***=']");
}

#[test]
fn is_hidden_in_what_a_callback_says() {
    let _watch = airtight_tests::Watch::new();
    let failing = |line: &str| Err::<(), _>(format!("cannot parse {line}"));
    let error = command! { "echo", args: [secret("hunter2")], stdout: lines(failing) }.run().unwrap_err();
    assert!(error.to_string().ends_with("failed: cannot parse ***"), "{error}");
    let ErrorKind::Callback { source, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!(source.to_string(), "cannot parse hunter2");
    hides(error, &["hunter"]);
    // As `{:?}` quotes it.
    let quoting = |line: &str| Err::<(), _>(format!("cannot parse {line:?}"));
    let error = command! { "echo", args: [secret(r#"hun"ter2"#)], stdout: lines(quoting) }.run().unwrap_err();
    hides(error, &["hun", "ter2"]);
    // The text of a callback's error includes its causes, each once.
    #[derive(Debug)]
    struct Outer(std::num::ParseIntError, String);
    impl std::fmt::Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            write!(f, "`{}` is no number", self.1)
        }
    }
    impl std::error::Error for Outer {
        fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
            Some(&self.0)
        }
    }
    let parsing = |line: &str| line.parse::<u32>().map(drop).map_err(|error| Outer(error, line.to_owned()));
    let error = command! { "echo", args: [secret("hunter2")], stdout: lines(parsing) }.run().unwrap_err();
    assert!(error.to_string().ends_with(": `***` is no number: invalid digit found in string"), "{error}");
    let split = |piece: &[u8]| Err::<(), _>(String::from_utf8_lossy(piece).into_owned());
    let error = command! { "echo", args: [secret("hunter2")], stdout: split(b'\n', split) }.run().unwrap_err();
    hides(error, &["hunter"]);
}

#[test]
fn is_hidden_where_secrets_overlap() {
    let _watch = airtight_tests::Watch::new();
    let says = command! {
        ACTOR,
        args: ["stderr", "<ABCDEFGH>", "exit", 1],
        env: inherit + { A = secret("ABCD"), B = secret("CDEFGH"), C = secret("BC") },
    };
    let error = says.run().unwrap_err();
    assert_eq!(error.stderr(), b"<***>");
    hides(error, &["AB", "CD", "EFGH"]);
}

#[test]
fn is_hidden_line_by_line_whatever_ends_a_line() {
    let _watch = airtight_tests::Watch::new();
    let lines = ["line1-hunter", "line2-hunter"];
    for (declared, printed) in [("\n", "\r\n"), ("\r\n", "\n"), ("\r", "\n"), ("\n", " "), ("\r\n", "\r\n")] {
        let (secret, text) = (lines.join(declared) + declared, lines.join(printed) + printed);
        let says = || command! { ACTOR, args: ["stderr", &text, "exit", 1], env: inherit + { T = secret(&secret) } };
        hides(says().run().unwrap_err(), &lines);
        hides(command! { ..says(), stderr: buffer }.run().unwrap_err(), &lines);
        assert_eq!(says().run().unwrap_err().stderr(), format!("***{printed}***{printed}").as_bytes());
    }
}

/// Secrets longer than the kept end of stderr, cut at its beginning, at a bound, and where the program is killed.
#[test]
fn is_hidden_however_it_is_cut() {
    let _watch = airtight_tests::Watch::new();
    let secret: String = (0..3000).map(|number| format!("{number:05x}-")).collect();
    let parts: HashSet<&[u8]> = secret.as_bytes().windows(12).collect();
    let hides = |error: airtight::Error, how: &str| {
        let leaked = |text: &[u8]| text.windows(12).any(|part| parts.contains(part));
        assert!(!leaked(format!("{error} {error:?} {}", error.command_line()).as_bytes()), "{how}");
        leaked(error.stderr())
    };
    for after in [0, 1, 3000, 4095, 4096] {
        let behind = ".".repeat(after + 1);
        let says =
            || command! { ACTOR, args: ["stderr", "is ", "stderr", secret(&secret), "stderr", &behind, "exit", 1] };
        let error = says().run().unwrap_err();
        assert!(error.stderr().ends_with(&behind.as_bytes()[..(after + 1).min(4096)]), "{after}");
        assert!(!hides(error, "logged"));
        assert!(hides(command! { ..says(), stderr: buffer }.run().unwrap_err(), "returned"));
        for max in [0, 1, 3, 4, 4000, 18_000, 18_003, 18_004] {
            hides(command! { ..says(), stderr: buffer(max = max) }.run().unwrap_err(), "returned in part");
            hides(command! { ..says(), stderr: file_buffer(max = max) }.run().unwrap_err(), "stored in part");
            // With `stderr: stdout`, the error shows the end of stdout.
            let merged = command! { ..says(), stderr: stdout, stdout: buffer(max = max) };
            assert!(!hides(merged.run().unwrap_err(), "merged"), "{after} {max}");
            let stored = command! { ..says(), stderr: stdout, stdout: file_buffer(max = max) };
            assert!(!hides(stored.run().unwrap_err(), "merged and stored"), "{after} {max}");
        }
    }
    let input = &secret[..9000];
    let env_of = || command! { "sh", env: inherit + { T = secret(&secret) } };
    let killed = || command! { ..env_of(), shell_script: "cat >&2; kill -KILL $$", stdin: buffer(input) };
    assert!(!hides(killed().run().unwrap_err(), "killed"));
    assert!(hides(command! { ..killed(), stderr: text }.run().unwrap_err(), "killed and returned"));
}

#[test]
fn is_hidden_in_bytes_that_are_no_text() {
    let _watch = airtight_tests::Watch::new();
    let says = command! { "sh", shell_script: r"printf '\377%s' $1", args: [secret("hunter2")], stdout: text };
    let error = says.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::InvalidUtf8 { .. }));
    hides(error, &["hunter"]);
    let says = command! {
        "sh",
        shell_script: r"printf '\377%s\n' $1",
        args: [secret("hunter2")],
        stdout: lines(|_: &str| {}, strict),
    };
    hides(says.run().unwrap_err(), &["hunter"]);
}

#[test]
fn is_hidden_in_what_the_closure_of_pre_exec_says() {
    let _watch = airtight_tests::Watch::new();
    let failing = |said: String| {
        let closure = move || Err(std::io::Error::other(said.clone()));
        // SAFETY: the closure only creates an error; libc resets the allocator's lock in a forked child.
        command! { "true", args: [secret("hunter2-\u{e4}\u{e4}"), secret("pin")], pre_exec: unsafe { closure } }
    };
    let error = failing("no hunter2-\u{e4}\u{e4}, no pin".to_owned()).run().unwrap_err();
    assert!(error.to_string().ends_with(": no ***, no ***"), "{error}");
    let ErrorKind::Start { source, .. } = error.kind() else { panic!("{error:?}") };
    assert_eq!((source.kind(), source.to_string()), (std::io::ErrorKind::Other, "no ***, no ***".to_owned()));
    hides(error, &["hunter", "pin"]);
    // A message is truncated at 500 bytes.
    for length in [488, 489, 490, 491, 492, 493] {
        let said = "x".repeat(length) + "hunter2-\u{e4}\u{e4}";
        hides(failing(said).run().unwrap_err(), &["hunt"]);
    }
}

#[test]
fn is_hidden_in_the_directories_that_were_searched() {
    const TEST: &str = "is_hidden_in_the_directories_that_were_searched";
    airtight_tests::alone(TEST, || {
        // SAFETY: this process runs one test, and no other thread reads the environ.
        unsafe { std::env::set_var("PATH", "/nonexistent/hunter2'/bin:/nonexistent/bin") };
        let error = command! { "no-such-program", args: [secret("hunter2'")] }.run().unwrap_err();
        let ErrorKind::NotFound { searched, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!(searched, &["/nonexistent/***/bin", "/nonexistent/bin"].map(std::path::PathBuf::from));
        hides(error, &["hunter"]);
    });
}
