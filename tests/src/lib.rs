//! Shared by the tests of behaviour.

mod alone;
mod caps;
mod filter;
mod folder;
mod group;
mod lingering;
mod mounts;
mod observed;
mod procfs;
mod random;
mod runner;
mod scale;
mod watch;

use std::path::{Path, PathBuf};

pub use alone::{alone, full_name, is_part, part};
pub use caps::{become_nobody, become_nobody_with, give_up};
pub use filter::{Operand, Refused, refuse, refuse_as_root};
pub use folder::Folder;
pub use group::{Group, own_group};
pub use lingering::{Lingering, in_time, is_reaped, ms, soon};
pub use mounts::Mounts;
pub use observed::Observed;
pub use procfs::{gone, hide_proc, is_running, own_status, proc, proc_is_hidden, this_program, threads};
pub use random::Random;
pub use runner::replaced_by_its_arguments;
pub use scale::at_scale;
pub use watch::Watch;

/// The source of a file of tests: a binary of its own, or a module of `behaviour`.
pub fn test_file(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let places = [format!("{name}.rs"), format!("{name}/main.rs"), format!("behaviour/{name}.rs")];
    let is_there = places.iter().map(|place| folder.join(place)).find(|path| path.exists());
    is_there.unwrap_or_else(|| panic!("no file of tests has the name {name}"))
}

/// Whether this process is root.
pub fn is_root() -> bool {
    // SAFETY: a query without pointers.
    unsafe { libc::geteuid() == 0 }
}

/// Whether clone3(2) works here: old kernels lack it, and old container runtimes refuse it.
pub fn has_clone3() -> bool {
    // SAFETY: a null pointer and size 0 create no process: the kernel answers EINVAL.
    let made = unsafe { libc::syscall(libc::SYS_clone3, std::ptr::null::<libc::clone_args>(), 0) };
    made < 0 && std::io::Error::last_os_error().raw_os_error() == Some(libc::EINVAL)
}

/// Checks that this process has no child of any kind.
pub fn no_children() {
    // SAFETY: WNOHANG: does not block.
    let waited = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WALL) };
    let error = std::io::Error::last_os_error();
    assert_eq!((waited, error.raw_os_error()), (-1, Some(libc::ECHILD)), "a child was left behind");
}

/// Writes to stderr that a test was skipped and why; the test harness does not capture it.
pub fn skipped(test: &str, why: &str) {
    said(&format!("SKIPPED {test}"), why);
}

/// Writes a note to stderr; the test harness does not capture it.
pub fn said(test: &str, what: &str) {
    said_as_it_is(&format!("{test}: {what}"));
}

/// One write that begins with a newline: the harness may be in the middle of a line, and other tests write too.
fn said_as_it_is(line: &str) {
    use std::io::Write;
    let _ = std::io::stderr().write_all(format!("\n{line}\n").as_bytes());
}
