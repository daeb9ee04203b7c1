//! Checks after each test that it has left no process and no zombie. Where tests run one at a time
//! (`RUST_TEST_THREADS=1`), it also checks for descriptors and files.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Checks for children of its thread when dropped. Each test runs in a thread of its own.
#[derive(Debug)]
#[must_use]
pub struct Watch {
    /// The descriptors and files at the beginning, if no other test runs meanwhile.
    before: Option<BTreeSet<String>>,
}

impl Watch {
    /// To be called at the beginning of a test.
    #[allow(clippy::new_without_default, reason = "it is made for what its end does")]
    pub fn new() -> Watch {
        Watch { before: inventory() }
    }

    /// For one of several threads of a test, which open descriptors concurrently: checks only for children.
    pub fn of_children() -> Watch {
        Watch { before: None }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A failed test has its own message.
        if std::thread::panicking() {
            return;
        }
        // The crate's thread drains a leftover's output until the leftover ends, which may be just after the test.
        let begun = Instant::now();
        loop {
            let is_over = begun.elapsed() > Duration::from_secs(2);
            let after = if self.before.is_some() { inventory() } else { None };
            let left: Vec<_> = match (&self.before, &after) {
                (Some(before), Some(after)) => after.difference(before).collect(),
                _ => Vec::new(),
            };
            assert!(left.is_empty() || !is_over, "left behind: {left:?}");
            // Without `/proc/…/children` there is nothing to check.
            let children = std::fs::read_to_string(crate::proc("thread-self/children")).unwrap_or_default();
            if left.is_empty() && children.trim().is_empty() {
                return;
            }
            assert!(!is_over, "processes are left behind: {children}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The descriptors of this process, and the files of its tests.
fn inventory() -> Option<BTreeSet<String>> {
    // A test that runs alone changes its process on purpose, and the process ends with it.
    if std::env::var("RUST_TEST_THREADS").as_deref() != Ok("1") || crate::alone::is_alone() {
        return None;
    }
    let descriptors = std::fs::read_dir(crate::proc("self/fd")).ok()?.flatten().filter_map(|entry| {
        let link = std::fs::read_link(entry.path()).ok()?;
        // The descriptor that read the folder is closed by now.
        (!link.ends_with("fd")).then(|| format!("descriptor {}: {}", entry.file_name().display(), link.display()))
    });
    let own = format!("airtight-test-{}-", std::process::id());
    let files = std::fs::read_dir(std::env::temp_dir()).ok()?.flatten();
    let files =
        files.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.starts_with(&own));
    Some(descriptors.chain(files).collect())
}
