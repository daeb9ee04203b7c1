//! Mounts that nobody else sees.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A mount namespace of this process's own, whose mounts end with it.
pub struct Mounts(());

impl Mounts {
    /// From now on. Needs root and a process of its own.
    pub fn of_this_process() -> Mounts {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS) }, 0, "{}", std::io::Error::last_os_error());
        mount(c"none", c"/", c"none", libc::MS_REC | libc::MS_PRIVATE, c"");
        Mounts(())
    }

    /// A new file system, as `mount -t kind -o options none target`.
    pub fn add(&self, kind: &CStr, target: impl AsRef<Path>, options: &CStr) {
        mount(c"none", &c_string(target.as_ref()), kind, 0, options);
    }

    /// Takes one away again, though it may be in use still.
    pub fn remove(&self, target: impl AsRef<Path>) {
        let target = c_string(target.as_ref());
        // SAFETY: a C string.
        let removed = unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
        assert_eq!(removed, 0, "{}", std::io::Error::last_os_error());
    }

    /// What is at `source` at `target` too.
    pub fn bind(&self, source: impl AsRef<Path>, target: impl AsRef<Path>) {
        mount(&c_string(source.as_ref()), &c_string(target.as_ref()), c"none", libc::MS_BIND, c"");
    }
}

fn c_string(path: &Path) -> CString {
    CString::new(path.as_os_str().as_bytes()).expect("no NUL")
}

fn mount(source: &CStr, target: &CStr, kind: &CStr, flags: libc::c_ulong, options: &CStr) {
    let (source, target_text, kind) = (source.as_ptr(), target.as_ptr(), kind.as_ptr());
    // SAFETY: all are C strings.
    let mounted = unsafe { libc::mount(source, target_text, kind, flags, options.as_ptr().cast()) };
    assert_eq!(mounted, 0, "{target:?}: {}", std::io::Error::last_os_error());
}
