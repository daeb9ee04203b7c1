//! The ready `clippy.toml` refuses other ways to start a program: tried on a package that uses each of them, and on one
//! that uses none.

use std::collections::BTreeSet;
use std::path::Path;

const FRAGMENT: &str = include_str!("../../runtime/docs/clippy.toml");

/// A line of code, and the path that it uses.
const BREAKS: &[(&str, &str)] = &[
    ("std::process::Command::new(\"ls\");", "std::process::Command::new"),
    ("tokio::process::Command::new(\"ls\");", "tokio::process::Command::new"),
    ("unsafe { libc::system(c\"ls\".as_ptr()) };", "libc::system"),
    ("unsafe { libc::popen(c\"ls\".as_ptr(), c\"r\".as_ptr()) };", "libc::popen"),
    ("unsafe { libc::fork() };", "libc::fork"),
    ("unsafe { libc::daemon(0, 0) };", "libc::daemon"),
    ("unsafe { libc::execv(c\"/bin/ls\".as_ptr(), argv) };", "libc::execv"),
    ("unsafe { libc::execve(c\"/bin/ls\".as_ptr(), argv, argv) };", "libc::execve"),
    ("unsafe { libc::execvp(c\"ls\".as_ptr(), argv) };", "libc::execvp"),
    ("unsafe { libc::execvpe(c\"ls\".as_ptr(), argv, argv) };", "libc::execvpe"),
    ("unsafe { libc::fexecve(3, argv, argv) };", "libc::fexecve"),
    ("let _ = unsafe { nix::unistd::fork() };", "nix::unistd::fork"),
    ("let _ = nix::unistd::daemon(false, false);", "nix::unistd::daemon"),
    ("let _ = nix::unistd::execv(c\"/bin/ls\", &[c\"ls\"]);", "nix::unistd::execv"),
    ("let _ = nix::unistd::execve(c\"/bin/ls\", &[c\"ls\"], &[c\"A=b\"]);", "nix::unistd::execve"),
    ("let _ = nix::unistd::execvp(c\"ls\", &[c\"ls\"]);", "nix::unistd::execvp"),
    ("let _ = nix::unistd::execvpe(c\"ls\", &[c\"ls\"], &[c\"A=b\"]);", "nix::unistd::execvpe"),
    ("let _ = unsafe { nix::pty::forkpty(None, None) };", "nix::pty::forkpty"),
];

/// Runs clippy on a package with this `main` and these dependencies; returns its exit status and the lines of its
/// messages.
fn clippy(name: &str, dependencies: &str, body: &str) -> (bool, String) {
    let package = airtight_ui_tests::package(Path::new(env!("CARGO_TARGET_TMPDIR")), name);
    let manifest = std::fs::read_to_string(package.join("Cargo.toml")).expect("a manifest");
    let manifest = manifest.replace("\n[workspace]", &format!("{dependencies}\n[workspace]"));
    std::fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    std::fs::write(package.join("clippy.toml"), FRAGMENT).expect("the fragment");
    let output = airtight_ui_tests::cargo(&package, &["clippy", "--", "-D", "clippy::disallowed_methods"], body);
    (output.status.success(), String::from_utf8_lossy(&output.stderr).into_owned())
}

#[test]
fn every_other_way_is_refused() {
    let lines: Vec<&str> = BREAKS.iter().map(|(line, _)| *line).collect();
    let body = format!(
        "#![allow(unused_must_use)]\nfn main() {{\n\
         let argv: *const *const libc::c_char = std::ptr::null();\n{}\n}}\n",
        lines.join("\n")
    );
    let dependencies = "libc = \"0.2\"\n\
        nix = { version = \"0.31\", default-features = false, features = [\"process\", \"sched\", \"term\"] }\n\
        tokio = { version = \"1\", default-features = false, features = [\"process\"] }\n";
    let (passed, messages) = clippy("clippy-broken", dependencies, &body);
    assert!(!passed, "{messages}");
    let refused: BTreeSet<&str> = messages
        .lines()
        .filter_map(|line| line.strip_prefix("error: use of a disallowed method `")?.strip_suffix('`'))
        .collect();
    let expected: BTreeSet<&str> = BREAKS.iter().map(|(_, path)| *path).collect();
    assert_eq!(refused, expected, "{messages}");
    // Clippy warns of a path that it cannot resolve: such an entry would never match.
    assert!(!messages.contains("does not refer to"), "{messages}");
    let reasons = messages.matches("airtight::command!").count();
    assert!(reasons >= BREAKS.len(), "{reasons} reasons: {messages}");
}

#[test]
fn a_declaration_is_not() {
    let body = "fn main() {\n    airtight::command! { \"true\", args: [\"--all\"], stdout: text }.run().unwrap();\n}\n";
    let (passed, messages) = clippy("clippy-kept", "", body);
    assert!(passed && messages.is_empty(), "{messages}");
}
