//! The keys about the end of a command: the signal of a timeout, and where `descendants: kill` is refused.

use airtight::{Error, ErrorKind, Rule, command};
use airtight_tests::Folder;
use std::time::{Duration, Instant};

/// Prints the signal that it got.
const ASKED: &str = "trap 'echo INT; exit 5' INT; trap 'echo TERM; exit 5' TERM; while :; do sleep 0.05; done";

/// The stdout of a program that a timeout ended.
fn said(error: &Error) -> String {
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    String::from_utf8_lossy(error.stdout()).into_owned()
}

#[test]
fn the_signal_of_a_timeout() {
    let _watch = airtight_tests::Watch::new();
    let (d, g) = (Duration::from_secs(2), Duration::from_secs(30));
    let asked = || command! { "sh", shell_script: ASKED, stdout: text };
    let interrupted = command! { ..asked(), timeout: after(d, signal = SIGINT) }.run().unwrap_err();
    assert_eq!(said(&interrupted), "INT\n");
    let interrupted = command! { ..asked(), timeout: after(d, grace = g, signal = SIGINT) }.run().unwrap_err();
    assert_eq!(said(&interrupted), "INT\n");
    for without in [
        command! { ..asked(), timeout: d }.run(),
        command! { ..asked(), timeout: after(d) }.run(),
        command! { ..asked(), timeout: after(d, grace = g) }.run(),
    ] {
        assert_eq!(said(&without.unwrap_err()), "TERM\n");
    }
}

#[test]
fn killed_at_once_or_after_the_grace() {
    let _watch = airtight_tests::Watch::new();
    let (d, g) = (Duration::from_millis(300), Duration::from_millis(300));
    let deaf = || command! { "sh", shell_script: "trap '' INT TERM; while :; do sleep 0.05; done", stdout: text };
    let begun = Instant::now();
    let killed = command! { ..deaf(), timeout: after(d, signal = SIGINT, grace = g) }.run().unwrap_err();
    assert_eq!(said(&killed), "");
    assert!(begun.elapsed() >= d + g);
    let at_once = command! { ..deaf(), timeout: after(d, signal = SIGKILL, grace = Duration::from_secs(3600)) };
    assert_eq!(said(&at_once.run().unwrap_err()), "");
}

#[test]
fn an_option_of_a_time_takes_the_others_with_it() {
    let _watch = airtight_tests::Watch::new();
    let none: Option<Duration> = None;
    command! { "true", timeout: after(none, signal = SIGHUP) }.run().expect("it has all the time there is");
    command! { "true", timeout: None }.run().expect("it has all the time there is");
    command! { "true", timeout: Some(Duration::from_secs(60)) }.run().expect("it is fast enough");
}

fn refused(error: &Error) -> String {
    assert!(matches!(error.kind(), ErrorKind::Refused { rule: Rule::Descendants, .. }), "{error:?}");
    error.to_string()
}

#[test]
fn nobody_is_there_to_kill_the_descendants() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let touched = folder.join("touched");
    let touch = || command! { "touch", args: [&touched], descendants: kill };
    let replaced = touch().exec();
    assert!(refused(&replaced).contains("`descendants` cannot be killed by a process that the program replaces"));
    let daemon = command! { ..touch(), daemonize }.run().unwrap_err();
    assert!(refused(&daemon).contains("a daemon has no `descendants` to kill"), "{daemon}");
    refused(&command! { ..touch(), daemonize, handshake }.spawn().map(drop).unwrap_err());
    let daemon = || command! { "touch", args: [&touched], daemonize };
    refused(&command! { ..daemon(), descendants: kill }.run().unwrap_err());
    refused(&command! { ..daemon(), handshake, descendants: kill }.spawn().map(drop).unwrap_err());
    assert!(!touched.exists(), "something was started");
    let back = command! { ..touch(), daemonize, descendants: leave };
    drop(back.run().expect("the key of the base is overridden"));
    let begun = Instant::now();
    while !touched.exists() {
        assert!(begun.elapsed() < Duration::from_secs(20), "the daemon has not run");
        std::thread::sleep(Duration::from_millis(5));
    }
}
