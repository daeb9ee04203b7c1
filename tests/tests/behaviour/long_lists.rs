//! The argument checks run in linear time.

use airtight::{Args, ErrorKind, args, command};
use std::time::{Duration, Instant};

/// Lists that a check might scan repeatedly: the program, the first words, and the repeated words.
const LISTS: &[(&str, &[&str], &[&str])] = &[
    ("docker", &["run", "--rm", "image"], &["word"]),
    ("docker", &["run", "--rm", "image"], &["sh"]),
    ("docker", &["run", "--rm", "image"], &["pwsh"]),
    ("docker", &["run", "--rm", "image"], &["cmd"]),
    ("docker", &["run", "--rm", "image"], &["sh", "-x"]),
    ("docker", &["run", "--rm", "image"], &["perl", "-w"]),
    ("docker", &["run", "--rm", "image"], &["pwsh", "-NoProfile"]),
    ("docker", &["run", "--rm", "image"], &["sh", "-o"]),
    ("docker", &["run", "--rm", "image"], &["perl", "-I"]),
    ("docker", &["run", "--rm", "image"], &["pwsh", "-c"]),
    ("docker", &["run", "--"], &["docker", "exec", "--"]),
    ("kubectl", &["exec", "pod", "--"], &["kubectl", "exec", "pod", "--"]),
    ("sudo", &[], &["sudo"]),
    ("sudo", &["-u", "root", "--"], &["word"]),
    ("sudo", &[], &["-n"]),
    ("env", &[], &["A=b"]),
    ("env", &[], &["env", "--"]),
    ("find", &["."], &["-exec", "true", ";"]),
    ("find", &["."], &["-exec", "su"]),
    ("find", &["."], &["-exec", "deno"]),
    ("find", &["."], &["-exec", "docker", "run", ";"]),
    ("xargs", &["-0"], &["word"]),
    ("xargs", &["-0"], &["xargs", "-n", "1"]),
    ("ssh", &["host"], &["word"]),
    ("ip", &["netns", "exec", "name"], &["netns", "exec"]),
    ("pwsh", &[], &["-NoProfile"]),
    ("rm", &["--"], &["word"]),
];

const MANY: usize = 40_000;
const FEW: usize = MANY / 8;

/// The repeated words as if spelled in the source, and then one that the guard must check.
fn list(before: &[&'static str], repeated: &[&'static str], count: usize) -> Args {
    let words = before.iter().chain(repeated.iter().cycle()).take(count);
    args![..verbatim(words), "--", String::from("-x")]
}

/// The time until the arguments are refused, or the program is not found.
fn checked(program: &str, args: &Args) -> Duration {
    let command = command! { format!("/nonexistent/{program}"), args: [..args] };
    let started = Instant::now();
    let error = command.run().unwrap_err();
    let took = started.elapsed();
    assert!(!matches!(error.kind(), ErrorKind::Start { .. }), "{program}: {error}");
    took
}

#[test]
fn are_checked_in_a_time_of_their_length() {
    for (program, before, repeated) in LISTS {
        let (few, many) = (list(before, repeated, FEW), list(before, repeated, MANY));
        let took = checked(program, &many);
        println!("{program} {before:?} {repeated:?}: {took:?}");
        // Eight times as many words take eight times as long; quadratic checks would take sixty-four times.
        let is_linear = || {
            let few = (0..3).map(|_| checked(program, &few)).max().unwrap_or_default();
            let many = (0..3).map(|_| checked(program, &many)).min().unwrap_or_default();
            eprintln!("{program} {before:?} {repeated:?}: {FEW} words {few:?}, {MANY} words {many:?}");
            many < few * 20
        };
        assert!(took < Duration::from_secs(2) || is_linear(), "{program} {before:?} {repeated:?}: {took:?}");
    }
}
