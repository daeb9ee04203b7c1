//! Where processes that do not end meet the tests that started them.

use crate::Folder;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const NOBODY: u32 = 65534;

/// A folder with a copy of the lingerer that any user can execute, and a file as long as which its processes go on.
#[derive(Debug)]
pub struct Lingering {
    folder: Folder,
}

impl Lingering {
    /// `program` is the lingerer, which the tests alone know the path of.
    pub fn new(program: &str) -> Lingering {
        let lingering = Lingering { folder: Folder::new() };
        std::fs::copy(program, lingering.program()).expect("a copy of the lingerer");
        std::fs::write(lingering.go_on(), "").expect("a file");
        lingering
    }

    /// Likewise, for an ordinary user that this process is to become: the folder is that user's, and
    /// [`of_root`](Self::of_root) becomes root. `None` where the file system gives no setuid bits.
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

    /// The path of the copy whose action `become-root` works for any user.
    pub fn of_root(&self) -> PathBuf {
        self.folder.join("lingerer-of-root")
    }

    /// The path of the file as long as which processes go on.
    pub fn go_on(&self) -> PathBuf {
        self.folder.join("go-on")
    }

    /// The path of something else in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Lets the processes end.
    pub fn end(&self) {
        let _ = std::fs::remove_file(self.go_on());
    }

    /// The number that a process has written by `say-pid`, once it has.
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

/// It took at least so long, and, on a machine that has a lot to do, not much longer.
#[track_caller]
pub fn in_time(begun: Instant, least: Duration, usually: Duration) {
    let (took, most) = (begun.elapsed(), usually * 3 + Duration::from_secs(2));
    assert!((least..most).contains(&took), "it took {took:?}, which is not within {least:?} and {most:?}");
}

/// Waits until something is so, which it soon has to be.
#[track_caller]
pub fn soon(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it does not come about: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether there is no process of this number, and no zombie.
pub fn is_reaped(pid: u32) -> bool {
    !std::fs::exists(crate::proc(pid)).expect("/proc")
}
