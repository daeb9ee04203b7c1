//! Runs tests that change their process (descriptors, signals, limits, environ) in a process of their own.

use std::panic::Location;
use std::path::Path;
use std::process::Command;

const MARK: &str = "AIRTIGHT_TEST_ALONE";

/// Whether this process runs a single test.
pub(crate) fn is_alone() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The full name of a test in the calling file: `module::test` where that file is a module of a test binary.
#[track_caller]
pub fn full_name(test: &str) -> String {
    let file = Path::new(Location::caller().file());
    let folder = file.parent().and_then(Path::file_name);
    match file.file_stem().and_then(|stem| stem.to_str()) {
        Some(module) if module != "main" && folder.is_some_and(|folder| folder != "tests") => {
            format!("{module}::{test}")
        }
        _ => test.to_owned(),
    }
}

/// Runs `body` in a child process: this test binary again, with this one test. `test` is a function of the calling
/// file.
///
/// std starts the child, so that the code under test is not part of the harness.
#[track_caller]
pub fn alone(test: &str, body: impl FnOnce()) {
    if std::env::var(MARK).as_deref() == Ok(test) {
        body();
        println!("the body of {test} has run");
        return;
    }
    let this = crate::this_program();
    let output = Command::new(this)
        .args(["--exact", &full_name(test), "--nocapture", "--test-threads=1"])
        .env(MARK, test)
        .output()
        .expect("this binary runs again");
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{test}, alone, {}:\n{stdout}\n{stderr}", output.status);
    assert!(stdout.contains(&format!("the body of {test} has run")), "{test} is not the name of this test:\n{stdout}");
    stderr.lines().filter(|line| line.starts_with("SKIPPED")).for_each(crate::said_as_it_is);
}

/// The variable that names the part to run.
const PART: &str = "AIRTIGHT_TEST_PART";

/// A command that runs one test of this binary again; [`is_part`] is true in it. It executes `/proc/self/exe`, not the
/// path: another user may not be able to search the folders above it.
#[track_caller]
pub fn part(test: &str) -> Command {
    let mut part = Command::new(crate::proc("self/exe"));
    part.args(["--exact", &full_name(test), "--nocapture", "--test-threads=1"]).env(PART, test).env_remove(MARK);
    part
}

/// Whether [`part`] has started this process.
pub fn is_part(test: &str) -> bool {
    std::env::var(PART).as_deref() == Ok(test)
}
