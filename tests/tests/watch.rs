//! `Watch`, the check after each test, notices leftovers.

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

#[test]
fn a_descriptor_and_a_file_left_behind_are_seen() {
    airtight_tests::alone("a_descriptor_and_a_file_left_behind_are_seen", || {
        // SAFETY: no other thread of this process reads the environ.
        unsafe { std::env::set_var("RUST_TEST_THREADS", "1") };
        // Pretend that this process may not change itself: the check would skip it otherwise.
        // SAFETY: as above.
        unsafe { std::env::remove_var("AIRTIGHT_TEST_ALONE") };
        let seen = |leave: &dyn Fn() -> Box<dyn std::any::Any>| {
            let watch = Watch::new();
            let left = leave();
            let seen = std::panic::catch_unwind(move || drop(watch)).is_err();
            drop(left);
            seen
        };
        assert!(seen(&|| Box::new(std::fs::File::open("/dev/null").expect("the device"))));
        assert!(seen(&|| Box::new(airtight_tests::Folder::new())));
        assert!(!seen(&|| Box::new(())));
    });
}
