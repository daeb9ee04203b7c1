//! The check after each test does see what is left.

use airtight_tests::Watch;

#[test]
fn a_process_left_behind_is_seen() {
    let mut left = std::process::Command::new("sleep").arg("60").spawn().expect("it starts");
    let watch = Watch::new();
    let seen = std::panic::catch_unwind(move || drop(watch));
    left.kill().expect("it runs");
    left.wait().expect("it ends");
    assert!(seen.is_err(), "a running process was not seen");
    drop(Watch::new());
}
