//! Where tests look at processes: /proc; or, where that is hidden from what is tested, the same file system elsewhere.

use crate::Mounts;
use std::fmt::Display;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const USUAL: &str = "/proc";
const ELSEWHERE: &str = "/mnt";

/// The path of a file of proc(5): `proc("self/fd")`.
pub fn proc(file: impl Display) -> String {
    format!("{}/{file}", if proc_is_hidden() { ELSEWHERE } else { USUAL })
}

/// A number of this process's `/proc/self/status`, without its unit: `own_status("VmRSS")`.
pub fn own_status(key: &str) -> usize {
    let status = std::fs::read_to_string(proc("self/status")).expect("a status");
    let value = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).expect("a line of that key");
    value.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// /proc is not mounted here.
pub fn proc_is_hidden() -> bool {
    !is_at(USUAL)
}

fn is_at(folder: &str) -> bool {
    std::fs::exists(format!("{folder}/self")).is_ok_and(|is| is)
}

/// Hides it from this process and all that it starts. Tests look at it elsewhere.
pub fn hide_proc() {
    if !proc_is_hidden() {
        let mounts = Mounts::of_this_process();
        mounts.bind(USUAL, ELSEWHERE);
        mounts.add(c"tmpfs", USUAL, c"");
    }
    assert!(proc_is_hidden() && is_at(ELSEWHERE));
}

/// The path of this program. std's own way goes through /proc.
pub fn this_program() -> PathBuf {
    std::fs::read_link(proc("self/exe")).expect("this binary")
}

/// Whether a process is there and no zombie.
pub fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(proc(format_args!("{pid}/stat"))).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

/// Waits until a process is gone, or nobody's zombie.
pub fn gone(pid: u32) {
    let begun = Instant::now();
    while is_running(pid) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{pid} does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}
