//! After each test: no process and no zombie of it is left.

use std::time::{Duration, Instant};

/// Looks, when dropped, for children of the thread that made it. Each test has a thread of its own.
#[derive(Debug)]
#[must_use]
pub struct Watch(());

impl Watch {
    /// At the beginning of a test.
    #[allow(clippy::new_without_default, reason = "it is made for what its end does")]
    pub fn new() -> Watch {
        Watch(())
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A test that has failed says more than this would.
        if std::thread::panicking() {
            return;
        }
        let begun = Instant::now();
        loop {
            // Without the kernel's list of children there is nothing to look at.
            let Ok(children) = std::fs::read_to_string("/proc/thread-self/children") else { return };
            if children.trim().is_empty() {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(2), "processes are left behind: {children}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}
