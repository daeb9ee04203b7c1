//! Compiles every file of `ui/` and compares the messages with the file beside it.
//!
//! Messages of the macros are entirely ours. rustc words those about types, so that they are compared only under the
//! version that they were recorded with.

use std::process::Command;

/// The compiler version of `ui/types/*.stderr`: the newest stable one.
const RECORDED_WITH: &str = "rustc 1.95.";

/// One test, so that cargo is run once for all files.
#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    for family in [
        "args",
        "cwd",
        "daemon",
        "env",
        "fds",
        "glob",
        "keys",
        "options",
        "process",
        "program",
        "shell_script",
        "shell_syntax",
        "status",
        "stdio",
        "umask",
        "unfinished",
    ] {
        cases.compile_fail(format!("ui/{family}/*.rs"));
    }
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let version = Command::new(rustc).arg("--version").output().expect("a compiler");
    let version = String::from_utf8_lossy(&version.stdout);
    if version.starts_with(RECORDED_WITH) {
        cases.compile_fail("ui/types/*.rs");
    } else {
        let why = format!("recorded with {RECORDED_WITH}*, this is {}", version.trim());
        airtight_ui_tests::skipped("messages about types", &why);
    }
}
