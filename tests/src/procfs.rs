//! Where tests look at processes: /proc; or, where that is hidden from what is tested, the same file system elsewhere.

use crate::Mounts;
use std::fmt::Display;
use std::path::PathBuf;

const USUAL: &str = "/proc";
const ELSEWHERE: &str = "/mnt";

/// The path of a file of proc(5): `proc("self/fd")`.
pub fn proc(file: impl Display) -> String {
    format!("{}/{file}", if proc_is_hidden() { ELSEWHERE } else { USUAL })
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
