//! Access to proc(5) for tests: /proc, or another mount of it where /proc is hidden from the code under test.

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

/// A number of `/proc/self/status`, without its unit: `own_status("VmRSS")`.
pub fn own_status(key: &str) -> usize {
    let status = std::fs::read_to_string(proc("self/status")).expect("a status");
    let value = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':')).expect("a line of that key");
    value.split_whitespace().next().and_then(|number| number.parse().ok()).expect("a number")
}

/// Whether /proc is not mounted here.
pub fn proc_is_hidden() -> bool {
    !is_at(USUAL)
}

fn is_at(folder: &str) -> bool {
    std::fs::exists(format!("{folder}/self")).is_ok_and(|is| is)
}

/// Hides /proc from this process and its children. Tests use the other mount.
pub fn hide_proc() {
    if !proc_is_hidden() {
        let mounts = Mounts::of_this_process();
        mounts.bind(USUAL, ELSEWHERE);
        mounts.add(c"tmpfs", USUAL, c"");
    }
    assert!(proc_is_hidden() && is_at(ELSEWHERE));
}

/// The path of this executable. std's `current_exe` needs /proc.
pub fn this_program() -> PathBuf {
    std::fs::read_link(proc("self/exe")).expect("this binary")
}

/// Whether a process exists and is not a zombie.
pub fn is_running(pid: u32) -> bool {
    let stat = std::fs::read_to_string(proc(format_args!("{pid}/stat"))).unwrap_or_default();
    stat.rsplit(") ").next().is_some_and(|rest| !rest.is_empty() && !rest.starts_with('Z'))
}

/// Waits until a process is gone or a zombie that nobody reaps.
pub fn gone(pid: u32) {
    let begun = Instant::now();
    while is_running(pid) {
        assert!(begun.elapsed() < Duration::from_secs(10), "{pid} does not end");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// The number of the crate's threads in this process.
pub fn threads() -> usize {
    let tasks = std::fs::read_dir(proc("self/task")).expect("its threads").flatten();
    let names = tasks.filter_map(|task| std::fs::read_to_string(task.path().join("comm")).ok());
    names.filter(|name| name.trim_end() == "airtight").count()
}
