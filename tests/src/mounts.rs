//! Mounts in a private mount namespace.

use std::ffi::{CStr, CString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A mount namespace of this process's own. Its mounts go away with the process.
pub struct Mounts(());

impl Mounts {
    /// Unshares the mount namespace. Needs root and a process of its own.
    pub fn of_this_process() -> Mounts {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNS) }, 0, "{}", std::io::Error::last_os_error());
        mount(c"none", c"/", c"none", libc::MS_REC | libc::MS_PRIVATE, c"");
        Mounts(())
    }

    /// Mounts a new file system, as `mount -t kind -o options none target`.
    pub fn add(&self, kind: &CStr, target: impl AsRef<Path>, options: &CStr) {
        mount(c"none", &c_string(target.as_ref()), kind, 0, options);
    }

    /// Unmounts lazily (MNT_DETACH), so that open files do not prevent it.
    pub fn remove(&self, target: impl AsRef<Path>) {
        let target = c_string(target.as_ref());
        // SAFETY: a C string.
        let removed = unsafe { libc::umount2(target.as_ptr(), libc::MNT_DETACH) };
        assert_eq!(removed, 0, "{}", std::io::Error::last_os_error());
    }

    /// Bind-mounts `source` at `target`.
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
