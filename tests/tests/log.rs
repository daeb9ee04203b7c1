//! Lines of a child, in the log.

use airtight::command;
use airtight_tests::{alone, proc};
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use tracing::field::{Field, Visit};
use tracing::{Event, Level, Metadata, Subscriber, span};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// Keeps every event of the child's streams as text.
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
    assert_eq!(lines.len(), 3, "{lines:?}");
    let all = lines.concat();
    assert!(!all.contains("ecret") && !all.contains("ssssssssss"), "a part of the secret is shown");
    assert!(all.contains("xxx***") && all.contains("message=next"));
}

#[test]
fn where_nobody_listens_stdout_is_the_null_device() {
    let _watch = airtight_tests::Watch::new();
    // A process of its own: whether anybody listens is remembered for all threads.
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
