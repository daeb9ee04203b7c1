//! In the daemon: its pidfile. It is locked with F_SETLK. Such a lock belongs to the process, survives exec, and is
//! released when the process ends. So the process that executes the program takes it, and the program inherits the
//! descriptor.

use super::decimal::decimal;
use crate::error::Step;
use crate::spawn::failure::FailedStep;
use crate::spawn::report::{Pidfile, Report};
use crate::spawn::sys::{Failed, sys};
use std::ffi::CStr;
use std::os::fd::RawFd;

/// Opens, locks and writes the file. Its state is reported at once, since the file is removed if a later step fails. A
/// file with more than one link may be another program's and is left alone.
pub(super) fn write(path: &CStr, report: &Report) -> Result<RawFd, FailedStep> {
    let fault = |failed| FailedStep::new(Step::Pidfile, failed, 0);
    report.set_pidfile(Pidfile::MayBeThere);
    let fd = loop {
        let fd = open(path, libc::O_CREAT).map_err(fault)?;
        let stat = status(fd).map_err(fault)?;
        if stat.st_mode & libc::S_IFMT != libc::S_IFREG {
            return Err(fault(Failed(libc::EINVAL)));
        }
        if stat.st_nlink > 1 {
            report.set_pidfile(Pidfile::Untouched);
            return Err(fault(Failed(libc::EMLINK)));
        }
        lock(fd)?;
        // Another process may have removed the file between open and lock; then the lock is on an unlinked file.
        if is_at(path, &stat).map_err(fault)? {
            break fd;
        }
        // SAFETY: close takes no pointers, and the descriptor was opened above.
        let _ = unsafe { sys!(SYS_close, fd) };
    };
    report.set_pidfile(Pidfile::Locked);
    // SAFETY: ftruncate takes no pointers.
    unsafe { sys!(SYS_ftruncate, fd, 0) }.map_err(fault)?;
    // SAFETY: getpid takes no pointers.
    let pid = unsafe { sys!(SYS_getpid) }.map_err(fault)?;
    let (digits, from) = decimal(pid as i64);
    let mut rest = digits.get(from..).unwrap_or(&[]);
    while !rest.is_empty() {
        // SAFETY: the pointer and the length are those of the remaining text.
        match unsafe { sys!(SYS_write, fd, rest.as_ptr(), rest.len()) } {
            Ok(length) => rest = rest.get(length..).unwrap_or(&[]),
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => return Err(fault(failed)),
        }
    }
    // The program inherits the descriptor, and so keeps the lock.
    // SAFETY: fcntl takes no pointer here.
    unsafe { sys!(SYS_fcntl, fd, libc::F_SETFD, 0) }.map(|_| fd).map_err(fault)
}

/// Removes the file of a daemon that has exited, unless another process has locked or replaced it. If the daemon had
/// not locked it, it may have existed before: then it is removed only if it is empty.
pub(super) fn remove(path: &CStr, was: Pidfile) {
    if was == Pidfile::Untouched {
        return;
    }
    let Ok(fd) = open(path, 0) else { return };
    let is_its_own = |stat: &libc::stat| {
        let is_empty = stat.st_mode & libc::S_IFMT == libc::S_IFREG && stat.st_size == 0;
        (was == Pidfile::Locked || is_empty) && is_at(path, stat) == Ok(true)
    };
    if lock(fd).is_ok() && status(fd).is_ok_and(|stat| is_its_own(&stat)) {
        // SAFETY: the path is a C string.
        let _ = unsafe { sys!(SYS_unlinkat, libc::AT_FDCWD, path.as_ptr(), 0) };
    }
    // SAFETY: close takes no pointers, and the descriptor was opened above.
    let _ = unsafe { sys!(SYS_close, fd) };
}

/// Opens the file without following a symbolic link, and without blocking on a FIFO.
fn open(path: &CStr, more: i32) -> Result<RawFd, Failed> {
    let flags = libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW | libc::O_NOCTTY | libc::O_NONBLOCK | more;
    // SAFETY: the path is a C string.
    unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags, 0o644) }.map(|fd| fd as RawFd)
}

fn status(fd: RawFd) -> Result<libc::stat, Failed> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel writes one `stat`; libc's type has the kernel's size and layout on both supported
    // architectures.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }?;
    // SAFETY: an all-zero `stat` is valid, and the kernel has filled it.
    Ok(unsafe { stat.assume_init() })
}

/// Locks the file. On failure the fault's operand is the pid of the process that holds the lock.
pub(super) fn lock(fd: RawFd) -> Result<(), FailedStep> {
    let mut lock = whole_file();
    // SAFETY: the kernel reads one `flock`, which lives during the call.
    let locked = unsafe { sys!(SYS_fcntl, fd, libc::F_SETLK, &raw mut lock) };
    let Err(failed) = locked else { return Ok(()) };
    let mut asked = whole_file();
    // SAFETY: the kernel reads and writes one `flock`, which lives during the call.
    let _ = unsafe { sys!(SYS_fcntl, fd, libc::F_GETLK, &raw mut asked) };
    let holder = if asked.l_type == libc::F_UNLCK as i16 { 0 } else { asked.l_pid };
    Err(FailedStep::new(Step::PidfileLock, failed, holder))
}

fn whole_file() -> libc::flock {
    libc::flock { l_type: libc::F_WRLCK as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 }
}

/// Whether the path still leads to this file.
fn is_at(path: &CStr, opened: &libc::stat) -> Result<bool, Failed> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the path is a C string, and the kernel writes one `stat`; libc's type has the kernel's layout.
    let found =
        unsafe { sys!(SYS_newfstatat, libc::AT_FDCWD, path.as_ptr(), stat.as_mut_ptr(), libc::AT_SYMLINK_NOFOLLOW) };
    // SAFETY: an all-zero `stat` is valid.
    let stat = unsafe { stat.assume_init_ref() };
    match found {
        Ok(_) => Ok(stat.st_dev == opened.st_dev && stat.st_ino == opened.st_ino),
        Err(Failed(libc::ENOENT)) => Ok(false),
        Err(failed) => Err(failed),
    }
}
