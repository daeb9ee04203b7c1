//! A control group of version 2 that contains a program and all its descendants. They cannot leave it by creating
//! sessions or process groups, and one write kills them all.
//!
//! Its directory is `airtight-PID-N`, where PID is that of this process. This process holds a lock (flock(2)) on the
//! directory while it uses it. A directory without a lock was left by a process that was killed. The next process that
//! creates a group beside it removes it, if it has no members.

mod failed;
mod files;
mod members;
mod place;

use failed::Failed;

use crate::error::Error;
use crate::fd::above_the_streams;
use crate::fork;
use crate::spec::Spec;
use files::{open, read, remove, remove_below, says_populated, subgroups};
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{Mode, mkdirat};
use nix::sys::statfs::{CGROUP2_SUPER_MAGIC, fstatfs};
use std::ffi::{CStr, CString};
use std::fs::File;
use std::io::{self, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// The prefix of the names of these directories.
const PREFIX: &str = "airtight-";

/// How many names are tried. A process of another PID namespace may have one, or another process may remove the
/// directory before it is locked.
const NAMES: usize = 64;

/// How many directories beside a new one are checked.
const NEIGHBOURS: usize = 64;

/// A control group of version 2 for one command.
pub(crate) struct Tree {
    /// The directory in which it was created.
    parent: OwnedFd,
    name: CString,
    /// Locked as long as the descriptor is open.
    folder: OwnedFd,
    /// `cgroup.kill` and `cgroup.events`, opened in advance, so that killing needs no new descriptor.
    kill: File,
    events: File,
    is_removed: bool,
    /// The [`fork::generation`] of the process that created it.
    owner: u64,
}

impl Tree {
    /// The group for a command that kills its descendants; `None` for any other. `held` are the descriptors that the
    /// command holds.
    pub(crate) fn of(spec: &Spec, held: &[RawFd]) -> Result<Option<Tree>, Error> {
        if !spec.process.kills_descendants {
            return Ok(None);
        }
        // SAFETY: the command holds the descriptor until it is started.
        let declared = spec.process.cgroup.map(|place| unsafe { BorrowedFd::borrow_raw(held[place]) });
        Tree::make(declared).map(Some).map_err(|failed| failed.into_error(spec))
    }

    /// Creates a group below `declared`, or below this process's own.
    fn make(declared: Option<BorrowedFd<'_>>) -> Result<Tree, Failed> {
        if let Some(folder) = declared {
            let path = "the declared group";
            let again = open(folder, c".", OFlag::O_DIRECTORY);
            return beneath(again.map_err(|errno| Failed::refused(path, NO_FOLDER, errno.into()))?, path);
        }
        let mut failed = None;
        for path in place::own()? {
            match beneath_own(&path) {
                Ok(tree) => return Ok(tree),
                // The error of the first mount is returned, since that is the usual one.
                Err(why) => failed = failed.or(Some(why)),
            }
        }
        Err(failed.unwrap_or_else(|| Failed::unfit("the group of this process", libc::ENOENT, "it is not there")))
    }

    /// Its directory, for CLONE_INTO_CGROUP: close-on-exec, at a number from 3 up.
    pub(crate) fn fd(&self) -> RawFd {
        self.folder.as_raw_fd()
    }

    /// Kills all members, including those of groups below. Does not wait for their end.
    pub(crate) fn kill(&self) {
        loop {
            match (&self.kill).write(b"1") {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Ok(_) => return,
                Err(_) => return members::kill(&self.folder),
            }
        }
    }

    /// Whether the group, or one below it, has a member. A zombie does not count.
    #[cfg(test)]
    fn is_populated(&self) -> bool {
        says_populated(&self.events)
    }

    /// Waits until the last member may have ended, for `time` at most: poll reports POLLPRI when `cgroup.events` has
    /// changed since it was read.
    pub(crate) fn wait_at_most(&self, time: Duration) {
        let mut changed = [PollFd::new(self.events.as_fd(), PollFlags::POLLPRI)];
        let _ = poll(&mut changed, PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX));
    }

    /// Removes the directory and those below it, unless a member remains. Does not wait.
    pub(crate) fn remove(&mut self) -> bool {
        self.is_removed = self.is_removed || removed(&self.parent, &self.name, &self.folder, &self.events);
        self.is_removed
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        // In a fork of the process that created it there is nothing to remove.
        if self.owner == fork::generation() {
            self.remove();
        }
    }
}

const NO_FOLDER: &str = "it cannot be opened";
const NO_GROUPS: &str = "no groups can be created in it";

fn beneath_own(path: &Path) -> Result<Tree, Failed> {
    let shown = path.display().to_string();
    let refused = |what| move |errno: io::Error| Failed::refused(&path.display().to_string(), what, errno);
    let folder = File::open(path).map_err(refused(NO_FOLDER))?;
    let folder = above_the_streams(folder.into()).map_err(|errno| refused(NO_FOLDER)(errno.into()))?;
    // To start a process in the new group, a process needs write access to `cgroup.procs` of the common ancestor. The
    // file is opened to test this, since a seccomp filter may refuse faccessat2(2).
    let may_move = open(&folder, c"cgroup.procs", OFlag::O_WRONLY);
    let tree = beneath(folder, &shown)?;
    may_move.map_err(|errno| refused("its `cgroup.procs` cannot be written")(errno.into()))?;
    Ok(tree)
}

/// Creates a group in a directory; messages show it as `path`.
fn beneath(parent: OwnedFd, path: &str) -> Result<Tree, Failed> {
    let kind = fstatfs(&parent).map_err(|errno| Failed::refused(path, NO_FOLDER, errno.into()))?.filesystem_type();
    if kind != CGROUP2_SUPER_MAGIC {
        let reason = match i128::from(kind.0) == i128::from(libc::CGROUP_SUPER_MAGIC) {
            true => "it is a control group of version 1: declare one of version 2",
            false => "it is not a control group: declare the directory of one of version 2",
        };
        return Err(Failed::unfit(path, libc::EBADF, reason));
    }
    static MADE: AtomicUsize = AtomicUsize::new(0);
    let mut parent = Some(parent);
    for _ in 0..NAMES {
        let count = MADE.fetch_add(1, Ordering::Relaxed);
        let Some(folder) = parent.take() else { break };
        clear(&folder, count);
        let name = format!("{PREFIX}{}-{count}", std::process::id());
        match named(folder, CString::new(name).unwrap_or_default(), path)? {
            Ok(tree) => return Ok(tree),
            Err(again) => parent = Some(again),
        }
    }
    Err(Failed::unfit(path, libc::EEXIST, "another process removed each directory that was created in it"))
}

/// Creates a group with this name. Returns the directory for another try if the name is taken.
fn named(parent: OwnedFd, name: CString, path: &str) -> Result<Result<Tree, OwnedFd>, Failed> {
    match mkdirat(&parent, &*name, Mode::from_bits_truncate(0o755)) {
        Err(Errno::EEXIST) => return Ok(Err(parent)),
        made => made.map_err(|errno| Failed::refused(path, NO_GROUPS, errno.into()))?,
    }
    let made = opened(&parent, &name);
    match made {
        Ok(Some((folder, kill, events))) => {
            let tree = Tree { parent, name, folder, kill, events, is_removed: false, owner: fork::generation() };
            // From here on, dropping the tree removes the directory.
            match read_type(&tree.folder).as_deref() {
                Ok(b"domain\n") => Ok(Ok(tree)),
                Ok(_) => {
                    let reason =
                        "it is threaded, so no process can be moved into a group below it: declare another `cgroup`";
                    Err(Failed::unfit(path, libc::EOPNOTSUPP, reason))
                }
                Err(error) => {
                    let source = error.raw_os_error().map_or(libc::EIO, |errno| errno);
                    Err(Failed::refused(path, NO_GROUPS, io::Error::from_raw_os_error(source)))
                }
            }
        }
        Ok(None) => Ok(Err(parent)),
        Err(errno) => {
            let _ = remove(&parent, &name);
            match errno {
                Errno::ENOENT => {
                    let reason =
                        "its groups have no `cgroup.kill`, which came with Linux 5.14: a newer kernel is needed";
                    Err(Failed::unfit(path, libc::ENOENT, reason))
                }
                errno => Err(Failed::refused(path, "a group in it cannot be opened", errno.into())),
            }
        }
    }
}

/// Opens and locks the directory, and opens its `cgroup.kill` and `cgroup.events`. Returns `None` if another process
/// removed the directory before it was locked.
fn opened(parent: &OwnedFd, name: &CStr) -> Result<Option<(OwnedFd, File, File)>, Errno> {
    let folder = match open(parent, name, OFlag::O_DIRECTORY) {
        Err(Errno::ENOENT) => return Ok(None),
        folder => folder?,
    };
    if lock(&folder, libc::LOCK_SH) == Err(Errno::EWOULDBLOCK) {
        return Ok(None);
    }
    let events = match open(&folder, c"cgroup.events", OFlag::O_RDONLY) {
        // Every group has this file, so the group was removed.
        Err(Errno::ENOENT | Errno::ENODEV) => return Ok(None),
        events => File::from(events?),
    };
    // Reads the file once: poll reports changes since the last read.
    says_populated(&events);
    let kill = open(&folder, c"cgroup.kill", OFlag::O_WRONLY)?;
    Ok(Some((folder, kill.into(), events)))
}

fn read_type(folder: &OwnedFd) -> io::Result<Vec<u8>> {
    read(&open(folder, c"cgroup.type", OFlag::O_RDONLY)?.into())
}

/// Takes the lock on a directory, without waiting. It is released when the descriptor is closed.
fn lock(folder: &OwnedFd, kind: i32) -> Result<(), Errno> {
    // SAFETY: flock takes no pointers, and the descriptor is open.
    Errno::result(unsafe { libc::flock(folder.as_raw_fd(), kind | libc::LOCK_NB) }).map(drop)
}

/// Removes a group. Returns whether it no longer exists.
fn removed(parent: &OwnedFd, name: &CStr, folder: &OwnedFd, events: &File) -> bool {
    match remove(parent, name) {
        Ok(()) => true,
        Err(_) if says_populated(events) => false,
        // The program has created groups below this one, which are empty too.
        Err(_) => remove_below(folder).is_ok() && remove(parent, name).is_ok(),
    }
}

/// Removes directories that killed processes have left here, if they have no members. `count` selects the first one, so
/// that repeated calls reach all of them.
fn clear(parent: &OwnedFd, count: usize) {
    let names: Vec<CString> = subgroups(parent).into_iter().filter(|name| is_ours(name.to_bytes())).collect();
    let from = count.checked_rem(names.len()).unwrap_or_default();
    for name in names.iter().cycle().skip(from).take(names.len().min(NEIGHBOURS)) {
        let Ok(folder) = open(parent, name, OFlag::O_DIRECTORY) else { continue };
        if lock(&folder, libc::LOCK_EX).is_ok()
            && let Ok(events) = open(&folder, c"cgroup.events", OFlag::O_RDONLY)
        {
            removed(parent, name, &folder, &events.into());
        }
    }
}

/// Whether the name is that of a directory created by this module.
fn is_ours(name: &[u8]) -> bool {
    let numbers = name.strip_prefix(PREFIX.as_bytes());
    let is_number = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    numbers.is_some_and(|numbers| {
        let mut parts = numbers.split(|byte| *byte == b'-');
        parts.next().is_some_and(is_number) && parts.next().is_some_and(is_number) && parts.next().is_none()
    })
}

#[cfg(test)]
mod tests;
