//! Tests that change their process (its descriptors, signals, limits, environment) run in one of their own.

use std::panic::Location;
use std::path::Path;
use std::process::Command;

const MARK: &str = "AIRTIGHT_TEST_ALONE";

/// Whether this process is that of one test.
pub(crate) fn is_alone() -> bool {
    std::env::var_os(MARK).is_some()
}

/// The full name of a test of the calling file: a file in a folder of tests is a module of the binary, unless it is the
/// root.
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

/// Runs `body` in a process of its own: this test binary again, with this one test, which is in the calling file.
///
/// Started by std, so that what is tested does not test itself.
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

/// A test takes part of another by this variable.
const PART: &str = "AIRTIGHT_TEST_PART";

/// This test binary again, which runs one test, as [`is_part`] tells it. Executed as the file that the process has open,
/// not by its name: the folders above it may be closed to another user.
#[track_caller]
pub fn part(test: &str) -> Command {
    let mut part = Command::new(crate::proc("self/exe"));
    part.args(["--exact", &full_name(test), "--nocapture", "--test-threads=1"]).env(PART, test).env_remove(MARK);
    part
}

/// Whether this process is what [`part`] has started.
pub fn is_part(test: &str) -> bool {
    std::env::var(PART).as_deref() == Ok(test)
}
