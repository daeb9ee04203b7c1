//! A child's lines in the log.

use airtight::command;
use airtight_tests::{alone, proc};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// Collects the events of the child's streams as text.
#[derive(Clone)]
struct Kept {
    lines: Arc<Mutex<Vec<String>>>,
    level: Level,
}

impl Kept {
    fn at(level: Level) -> Kept {
        Kept { lines: Arc::default(), level }
    }

    fn lines(&self) -> Vec<String> {
        self.lines.lock().expect("the lines").clone()
    }
}

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        let _ = write!(self.0, "{}={value:?} ", field.name());
    }
}

impl Subscriber for Kept {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= &self.level && metadata.target() == "airtight"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(format!("{} ", event.metadata().level()));
        event.record(&mut text);
        self.lines.lock().expect("the lines").push(text.0);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[test]
fn each_line_is_an_event_with_program_pid_and_stream() {
    let _watch = airtight_tests::Watch::new();
    let kept = Kept::at(Level::DEBUG);
    tracing::subscriber::with_default(kept.clone(), || {
        command! { ACTOR, args: ["stdout", "one\ntwo\n\nlast", "stderr", "e\n"], stderr: log }.run().expect("it runs");
    });
    let mut lines = kept.lines();
    let pid = lines[0].split("pid=").nth(1).and_then(|rest| rest.split(' ').next()).expect("a pid").to_owned();
    let line =
        |stream: &str, text: &str| format!("DEBUG message={text} program=\"{ACTOR}\" pid={pid} stream=\"{stream}\" ");
    let mut expected = vec![
        line("stdout", "one"),
        line("stdout", "two"),
        line("stdout", ""),
        line("stdout", "last"),
        line("stderr", "e"),
    ];
    lines.sort();
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn a_long_line_comes_in_pieces_and_hides_a_secret_across_them() {
    let _watch = airtight_tests::Watch::new();
    let kept = Kept::at(Level::DEBUG);
    let secret = "s".repeat(100) + "ecret";
    let before = "x".repeat(8150);
    tracing::subscriber::with_default(kept.clone(), || {
        let token = &secret;
        command! { ACTOR, args: ["stdout", format!("{before}{secret}\nnext\n")], env: inherit + { T = secret(token) } }
            .run()
            .expect("it runs");
    });
    let lines = kept.lines();
    // With the secret hidden, the line fits into one event.
    assert_eq!(lines.len(), 2, "{lines:?}");
    let all = lines.concat();
    assert!(!all.contains("ecret") && !all.contains("ssssssssss"), "a part of the secret is shown");
    assert!(all.contains("xxx***") && all.contains("message=next"));
}

#[test]
fn where_nobody_listens_stdout_is_the_null_device() {
    let _watch = airtight_tests::Watch::new();
    // In a process of its own: tracing caches for all threads whether a subscriber is interested.
    alone("where_nobody_listens_stdout_is_the_null_device", || {
        let stdout_is_null = || {
            command! { "test", args: [proc("self/fd/1"), "-ef", "/dev/null"], status: success(0, 1) }
                .run()
                .expect("it runs")
                .status()
                == 0
        };
        assert!(stdout_is_null());
        assert!(tracing::subscriber::with_default(Kept::at(Level::INFO), stdout_is_null));
        assert!(!tracing::subscriber::with_default(Kept::at(Level::DEBUG), stdout_is_null));
        let error = command! { ACTOR, args: ["stderr", "kept all the same", "exit", 1] }.run().unwrap_err();
        assert_eq!(error.stderr(), b"kept all the same");
    });
}

/// Text without repetitions, in which every column can be told apart.
fn unlike_itself(length: usize) -> String {
    (0..length.div_ceil(6)).map(|number| format!("{number:05x}-")).collect::<String>()[..length].to_owned()
}

fn logged(run: impl FnOnce()) -> String {
    let kept = Kept::at(Level::DEBUG);
    tracing::subscriber::with_default(kept.clone(), run);
    kept.lines().join("\n")
}

#[test]
fn a_secret_of_any_length_is_hidden_at_any_column() {
    let _watch = airtight_tests::Watch::new();
    for length in [20, 4000, 8190, 8192, 8193, 9000, 16_384, 20_000] {
        let secret = unlike_itself(length);
        for column in [0, 5, 8000, 8191] {
            let before = ".".repeat(column);
            let log = logged(|| {
                let output =
                    command! { ACTOR, args: ["stdout", &before, "stdout", secret(&secret), "stdout", "!\nnext"] };
                output.run().expect("it runs");
            });
            let leaked = (0..length - 12).find(|from| log.contains(&secret[*from..from + 12]));
            assert_eq!(leaked, None, "of a secret of {length} bytes at column {column}");
            assert!(log.contains('*') && log.contains("message=next"), "{length} at {column}");
        }
    }
}

#[test]
fn what_a_killed_program_said_of_a_secret_is_hidden() {
    let _watch = airtight_tests::Watch::new();
    let secret = unlike_itself(30_000);
    let begun = &secret[..20_000];
    let log = logged(|| {
        let args = ["stdout", "it is ", "stdout", begun, "signal", "9"];
        let killed = command! { ACTOR, args: [..args], env: inherit + { T = secret(&secret) } };
        killed.run().unwrap_err();
    });
    assert!(log.contains("it is ***"), "{}", log.len());
    assert!(!log.contains(&secret[..20]) && !log.contains(&secret[10_000..10_020]));
}

#[test]
fn a_line_is_one_line_and_acts_on_no_terminal() {
    let _watch = airtight_tests::Watch::new();
    let said = "a\x1b[31mred\rover\x07\u{202e}x\u{2028}y\u{feff}\tt\r\nnext\r\n";
    let log = logged(|| _ = command! { ACTOR, args: ["stdout", said] }.run().expect("it runs"));
    assert!(log.contains("message=a\\u{1b}[31mred\\rover\\u{7}\\u{202e}x\\u{2028}y\\u{feff}\tt "), "{log}");
    assert!(log.contains("message=next "), "{log}");
    assert_eq!(log.lines().count(), 2);
}

#[test]
fn no_character_is_cut_between_pieces() {
    let _watch = airtight_tests::Watch::new();
    for before in 8187..8193 {
        let said = format!("{}ü€😀{}", ".".repeat(before), ".".repeat(9000));
        let log = logged(|| _ = command! { ACTOR, args: ["stdout", &said] }.run().expect("it runs"));
        assert!(["ü", "€", "😀"].iter().all(|char| log.contains(char)) && !log.contains('\u{fffd}'), "{before}");
    }
}
