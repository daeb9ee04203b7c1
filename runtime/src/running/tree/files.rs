//! The files and directories of control groups, accessed through descriptors.

use crate::fd::above_the_streams;
use nix::dir::{Dir, Type};
use nix::errno::Errno;
use nix::fcntl::{OFlag, openat};
use nix::sys::stat::Mode;
use nix::unistd::{UnlinkatFlags, unlinkat};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::FileExt;

/// How many groups one removal visits. It bounds the time if a program continues to create groups.
const MOST: usize = 1 << 16;

/// Opens a file or a directory below another: close-on-exec, at a number from 3 up.
pub(super) fn open(folder: impl AsFd, name: &CStr, flags: OFlag) -> Result<OwnedFd, Errno> {
    let flags = flags | OFlag::O_CLOEXEC | OFlag::O_NOFOLLOW;
    above_the_streams(openat(folder.as_fd(), name, flags, Mode::empty())?)
}

/// Reads a file from its beginning.
pub(super) fn read(file: &File) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    loop {
        let mut more = [0; 4096];
        match file.read_at(&mut more, text.len() as u64) {
            Ok(0) => return Ok(text),
            Ok(count) => text.extend_from_slice(&more[..count]),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Whether `cgroup.events` says that the group, or one below it, has a member.
pub(super) fn says_populated(events: &File) -> bool {
    // The file of a removed group cannot be read, and the group has no members.
    read(events).is_ok_and(|text| text.split(|byte| *byte == b'\n').any(|line| line == b"populated 1"))
}

/// The names of the groups directly below a group.
pub(super) fn subgroups(folder: &OwnedFd) -> Vec<CString> {
    let again = open(folder, c".", OFlag::O_DIRECTORY);
    let Ok(mut listed) = again.and_then(Dir::from_fd) else { return Vec::new() };
    let folders = listed.iter().flatten().filter(|entry| entry.file_type() == Some(Type::Directory));
    let names = folders.map(|entry| entry.file_name().to_owned());
    names.filter(|name| !matches!(name.to_bytes(), b"." | b"..")).collect()
}

pub(super) fn remove(parent: impl AsFd, name: &CStr) -> Result<(), Errno> {
    match unlinkat(parent.as_fd(), name, UnlinkatFlags::RemoveDir) {
        Err(Errno::ENOENT) => Ok(()),
        removed => removed,
    }
}

/// Removes the groups below a group, the deepest first. It holds one descriptor at a time, however deep the groups are:
/// `..` leads back, since control groups are not moved.
pub(super) fn remove_below(folder: &OwnedFd) -> Result<(), Errno> {
    let mut at = open(folder, c".", OFlag::O_DIRECTORY)?;
    // For each directory on the path, its name and the siblings that are still to be removed.
    let mut way: Vec<(CString, Vec<CString>)> = Vec::new();
    let mut names = subgroups(&at);
    for _ in 0..MOST {
        let Some(name) = names.pop() else {
            let Some((name, siblings)) = way.pop() else { return Ok(()) };
            at = open(&at, c"..", OFlag::O_DIRECTORY)?;
            remove(&at, &name)?;
            names = siblings;
            continue;
        };
        if remove(&at, &name).is_err() {
            at = open(&at, &name, OFlag::O_DIRECTORY)?;
            way.push((name, std::mem::replace(&mut names, subgroups(&at))));
        }
    }
    Err(Errno::EBUSY)
}
