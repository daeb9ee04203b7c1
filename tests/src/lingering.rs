//! Meeting points of a test and the long-lived processes that it started.

use crate::Folder;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const NOBODY: u32 = 65534;

/// So many milliseconds.
pub const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// A folder with a copy of the lingerer that any user can execute, and a file: the processes end once it is removed.
#[derive(Debug)]
pub struct Lingering {
    folder: Folder,
}

impl Lingering {
    /// `program` is the path of the lingerer, which only an integration test knows (`CARGO_BIN_EXE_…`).
    pub fn new(program: &str) -> Lingering {
        let lingering = Lingering { folder: Folder::new() };
        std::fs::copy(program, lingering.program()).expect("a copy of the lingerer");
        std::fs::write(lingering.go_on(), "").expect("a file");
        lingering
    }

    /// The same for a process that is about to become an ordinary user. That user owns the folder, and
    /// [`of_root`](Self::of_root) is setuid root. `None` where the file system ignores setuid bits.
    pub fn for_nobody(program: &str) -> Option<Lingering> {
        let lingering = Lingering::new(program);
        let (path, of_root) = (lingering.folder.path(), lingering.of_root());
        std::fs::copy(program, &of_root).expect("a copy of the lingerer");
        std::fs::set_permissions(&of_root, PermissionsExt::from_mode(0o4755)).expect("its mode");
        chown(path, Some(NOBODY), Some(NOBODY)).expect("its owner");
        (!has_no_setuid(path)).then_some(lingering)
    }

    /// The path of the copy.
    pub fn program(&self) -> PathBuf {
        self.folder.join("lingerer")
    }

    /// The path of the setuid copy, whose action `become-root` works for any user.
    pub fn of_root(&self) -> PathBuf {
        self.folder.join("lingerer-of-root")
    }

    /// The path of the file that keeps the processes going.
    pub fn go_on(&self) -> PathBuf {
        self.folder.join("go-on")
    }

    /// The path of another file in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Removes the file, so that the processes end.
    pub fn end(&self) {
        let _ = std::fs::remove_file(self.go_on());
    }

    /// Waits for the pid that a process writes by `say-pid`.
    pub fn pid(&self, name: &str) -> u32 {
        let path = self.join(name);
        soon(&format!("{} is written", path.display()), || path.exists());
        std::fs::read_to_string(path).expect("a number").parse().expect("a number")
    }
}

fn has_no_setuid(path: &Path) -> bool {
    let path = std::ffi::CString::new(path.as_os_str().as_bytes()).expect("no NUL");
    let mut found = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the structure is valid.
    assert_eq!(unsafe { libc::statvfs(path.as_ptr(), found.as_mut_ptr()) }, 0);
    // SAFETY: zeroes are a valid value, and it was filled.
    unsafe { found.assume_init() }.f_flag & libc::ST_NOSUID != 0
}

/// Checks that it took at least `least`, and not much longer: a loaded machine is slower.
#[track_caller]
pub fn in_time(begun: Instant, least: Duration, usually: Duration) {
    let (took, most) = (begun.elapsed(), usually * 3 + Duration::from_secs(2));
    assert!((least..most).contains(&took), "it took {took:?}, which is not within {least:?} and {most:?}");
}

/// Waits until a condition holds; panics if it does not soon.
#[track_caller]
pub fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "timed out: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether no process has this pid, not even a zombie.
pub fn is_reaped(pid: u32) -> bool {
    !std::fs::exists(crate::proc(pid)).expect("/proc")
}
