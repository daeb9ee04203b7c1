//! Parses the report of the observer.

use std::collections::BTreeMap;

/// The state that a child reported of itself.
#[derive(Debug)]
pub struct Observed {
    lines: Vec<(String, String)>,
}

impl Observed {
    /// Parses the observer's output.
    pub fn parse(report: &[u8]) -> Observed {
        let report = std::str::from_utf8(report).expect("the observer escapes invalid UTF-8");
        let lines = report.lines().map(|line| {
            let (key, value) = line.split_once(' ').expect("a key and a value");
            (key.to_owned(), value.to_owned())
        });
        Observed { lines: lines.collect() }
    }

    fn all(&self, key: &str) -> Vec<&str> {
        self.lines.iter().filter(|line| line.0 == key).map(|line| line.1.as_str()).collect()
    }

    /// The value of a key that occurs once, such as a line of `/proc/self/status`.
    pub fn one(&self, key: &str) -> &str {
        match self.all(key)[..] {
            [one] => one,
            ref other => panic!("{key} is there {} times", other.len()),
        }
    }

    /// argv without `argv[0]`.
    pub fn args(&self) -> Vec<&str> {
        self.all("argv").split_off(1)
    }

    /// `argv[0]`.
    pub fn argv0(&self) -> &str {
        self.all("argv")[0]
    }

    /// The entries of environ, sorted.
    pub fn env(&self) -> Vec<&str> {
        let mut env = self.all("env");
        env.sort_unstable();
        env
    }

    /// The value of one variable.
    pub fn variable(&self, name: &str) -> Option<&str> {
        let prefix = format!("{name}=");
        self.all("env").into_iter().find_map(|entry| entry.strip_prefix(&prefix))
    }

    /// The open descriptors, each with the target of its link.
    pub fn fds(&self) -> BTreeMap<i32, &str> {
        let fds =
            self.lines.iter().filter_map(|(key, link)| Some((key.strip_prefix("fd")?.parse().ok()?, link.as_str())));
        fds.collect()
    }

    /// A set of signals of `/proc/self/status`: `SigBlk`, `SigIgn`, `SigCgt`, `SigPnd`.
    pub fn signals(&self, key: &str) -> u64 {
        u64::from_str_radix(self.one(key), 16).expect("a mask")
    }
}
