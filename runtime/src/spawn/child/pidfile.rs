//! In the daemon: its pidfile. Locked with F_SETLK, which survives exec and ends with the process; so it is done in the
//! process that executes the program, whose descriptor the program inherits.

use super::decimal::decimal;
use crate::error::Step;
use crate::spawn::fault::Fault;
use crate::spawn::report::{Pidfile, Report};
use crate::spawn::sys::{Failed, sys};
use std::ffi::CStr;
use std::os::fd::RawFd;

/// Opens, locks and writes the file. What has been done to it is reported at once: it is removed if a later step fails.
/// What has other names is somebody else's file too, and is left alone.
pub(super) fn write(path: &CStr, report: &Report) -> Result<RawFd, Fault> {
    let fault = |failed| Fault::new(Step::Pidfile, failed, 0);
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
        // Between the opening and the lock, its holder may have removed the file: the lock would be on nothing.
        if is_at(path, &stat).map_err(fault)? {
            break fd;
        }
        // SAFETY: opened above.
        let _ = unsafe { sys!(SYS_close, fd) };
    };
    report.set_pidfile(Pidfile::Locked);
    // SAFETY: takes no pointers.
    unsafe { sys!(SYS_ftruncate, fd, 0) }.map_err(fault)?;
    // SAFETY: takes no pointers, and cannot fail.
    let pid = unsafe { sys!(SYS_getpid) }.map_err(fault)?;
    let (digits, from) = decimal(pid as i64);
    let mut rest = digits.get(from..).unwrap_or(&[]);
    while !rest.is_empty() {
        // SAFETY: the text is as long as said.
        match unsafe { sys!(SYS_write, fd, rest.as_ptr(), rest.len()) } {
            Ok(length) => rest = rest.get(length..).unwrap_or(&[]),
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => return Err(fault(failed)),
        }
    }
    // The program inherits it, and the lock with it.
    // SAFETY: takes no pointers.
    unsafe { sys!(SYS_fcntl, fd, libc::F_SETFD, 0) }.map(|_| fd).map_err(fault)
}

/// Removes the file of a daemon that is gone, unless another has it by now. What the daemon had not locked yet was there
/// before, unless it is empty.
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
    // SAFETY: opened above.
    let _ = unsafe { sys!(SYS_close, fd) };
}

/// Not through a link, and without waiting for the other end of a FIFO.
fn open(path: &CStr, more: i32) -> Result<RawFd, Failed> {
    let flags = libc::O_RDWR | libc::O_CLOEXEC | libc::O_NOFOLLOW | libc::O_NOCTTY | libc::O_NONBLOCK | more;
    // SAFETY: the path is a C string.
    unsafe { sys!(SYS_openat, libc::AT_FDCWD, path.as_ptr(), flags, 0o644) }.map(|fd| fd as RawFd)
}

fn status(fd: RawFd) -> Result<libc::stat, Failed> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    Ok(unsafe { stat.assume_init() })
}

/// The operand of the fault is the process that holds the lock.
pub(super) fn lock(fd: RawFd) -> Result<(), Fault> {
    let mut lock = whole_file();
    // SAFETY: the structure is valid.
    let locked = unsafe { sys!(SYS_fcntl, fd, libc::F_SETLK, &raw mut lock) };
    let Err(failed) = locked else { return Ok(()) };
    let mut asked = whole_file();
    // SAFETY: as above.
    let _ = unsafe { sys!(SYS_fcntl, fd, libc::F_GETLK, &raw mut asked) };
    let holder = if asked.l_type == libc::F_UNLCK as i16 { 0 } else { asked.l_pid };
    Err(Fault::new(Step::PidfileLock, failed, holder))
}

fn whole_file() -> libc::flock {
    libc::flock { l_type: libc::F_WRLCK as i16, l_whence: libc::SEEK_SET as i16, l_start: 0, l_len: 0, l_pid: 0 }
}

/// Whether the path still leads to this file.
fn is_at(path: &CStr, opened: &libc::stat) -> Result<bool, Failed> {
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the path is a C string, and the structure has the kernel's layout.
    let found =
        unsafe { sys!(SYS_newfstatat, libc::AT_FDCWD, path.as_ptr(), stat.as_mut_ptr(), libc::AT_SYMLINK_NOFOLLOW) };
    // SAFETY: zeroes are a valid value.
    let stat = unsafe { stat.assume_init_ref() };
    match found {
        Ok(_) => Ok(stat.st_dev == opened.st_dev && stat.st_ino == opened.st_ino),
        Err(Failed(libc::ENOENT)) => Ok(false),
        Err(failed) => Err(failed),
    }
}
