//! After each test: no process and no zombie of it is left; and, where tests run one after the other
//! (`RUST_TEST_THREADS=1`), no descriptor and no file either.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

/// Looks, when dropped, for children of the thread that made it. Each test has a thread of its own.
#[derive(Debug)]
#[must_use]
pub struct Watch {
    /// What was open and there at the beginning, if no other test runs.
    before: Option<BTreeSet<String>>,
}

impl Watch {
    /// At the beginning of a test.
    #[allow(clippy::new_without_default, reason = "it is made for what its end does")]
    pub fn new() -> Watch {
        Watch { before: inventory() }
    }

    /// For one of several threads of a test, which open descriptors beside each other: looks for its children alone.
    pub fn of_children() -> Watch {
        Watch { before: None }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        // A test that has failed says more than this would.
        if std::thread::panicking() {
            return;
        }
        // What a program left behind is read until it ends, and it ends a moment after its test.
        let begun = Instant::now();
        loop {
            let is_over = begun.elapsed() > Duration::from_secs(2);
            let after = if self.before.is_some() { inventory() } else { None };
            let left: Vec<_> = match (&self.before, &after) {
                (Some(before), Some(after)) => after.difference(before).collect(),
                _ => Vec::new(),
            };
            assert!(left.is_empty() || !is_over, "left behind: {left:?}");
            // Without the kernel's list of children there is nothing to look at.
            let children = std::fs::read_to_string(crate::proc("thread-self/children")).unwrap_or_default();
            if left.is_empty() && children.trim().is_empty() {
                return;
            }
            assert!(!is_over, "processes are left behind: {children}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

/// The descriptors of this process and the files of its tests.
fn inventory() -> Option<BTreeSet<String>> {
    // A process of one test is changed on purpose, and ends with it.
    if std::env::var("RUST_TEST_THREADS").as_deref() != Ok("1") || crate::alone::is_alone() {
        return None;
    }
    let descriptors = std::fs::read_dir(crate::proc("self/fd")).ok()?.flatten().filter_map(|entry| {
        let link = std::fs::read_link(entry.path()).ok()?;
        // The one that lists them is gone by now.
        (!link.ends_with("fd")).then(|| format!("descriptor {}: {}", entry.file_name().display(), link.display()))
    });
    let own = format!("airtight-test-{}-", std::process::id());
    let files = std::fs::read_dir(std::env::temp_dir()).ok()?.flatten();
    let files =
        files.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| name.starts_with(&own));
    Some(descriptors.chain(files).collect())
}
