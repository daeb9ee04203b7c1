//! Finds the directories of this process's own control group.

use super::failed::Failed;
use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;

const GROUP: &str = "/proc/self/cgroup";
const MOUNTS: &str = "/proc/self/mountinfo";

/// The text for the group of this process if its path is unknown.
const OWN: &str = "the group of this process";

/// The directories of this process's own group: one for each mount of version 2 that shows it.
pub(super) fn own() -> Result<Vec<PathBuf>, Failed> {
    let groups = read(GROUP)?;
    let mounts = read(MOUNTS)?;
    let nowhere = |reason: &str| {
        let source = io::Error::from_raw_os_error(libc::ENOENT);
        let way_out = "mount the file system `cgroup2`, or declare `cgroup: fd(folder)`";
        Err(Failed { path: OWN.to_owned(), source, reason: format!("{reason}: {way_out}") })
    };
    let Some(group) = version_2(&groups) else { return nowhere("this process is in no control group of version 2") };
    let folders = folders(&mounts, group);
    match folders.is_empty() {
        false => Ok(folders),
        true if mounted(&mounts).any(|mount| mount.kind == b"cgroup2") => {
            nowhere("no mount shows the control group of this process")
        }
        true if mounted(&mounts).any(|mount| mount.kind == b"cgroup") => {
            nowhere("only control groups of version 1 are mounted")
        }
        true => nowhere("no control groups are mounted"),
    }
}

fn read(path: &str) -> Result<Vec<u8>, Failed> {
    std::fs::read(path).map_err(|source| {
        let reason = format!(
            "it is unknown, since `{path}` cannot be read: {source}: mount /proc, or declare `cgroup: fd(folder)`"
        );
        Failed { path: OWN.to_owned(), source, reason }
    })
}

/// The path of the version 2 group in the text of /proc/self/cgroup.
fn version_2(groups: &[u8]) -> Option<&[u8]> {
    groups.split(|byte| *byte == b'\n').find_map(|line| line.strip_prefix(b"0::"))
}

/// A line of mountinfo, see proc_pid_mountinfo(5).
struct Mount<'a> {
    kind: &'a [u8],
    /// The directory of the file system that is mounted at `point`.
    root: Vec<u8>,
    point: Vec<u8>,
}

fn mounted(mounts: &[u8]) -> impl Iterator<Item = Mount<'_>> {
    mounts.split(|byte| *byte == b'\n').filter_map(|line| {
        let mut fields = line.split(|byte| *byte == b' ');
        let root = unescaped(fields.nth(3)?);
        let point = unescaped(fields.next()?);
        // A dash ends the optional fields.
        let kind = fields.skip_while(|field| *field != b"-").nth(1)?;
        Some(Mount { kind, root, point })
    })
}

fn folders(mounts: &[u8], group: &[u8]) -> Vec<PathBuf> {
    let folder = |mount: Mount<'_>| {
        let beneath = match mount.root.as_slice() {
            b"/" => group,
            root => group.strip_prefix(root).filter(|rest| rest.is_empty() || rest.starts_with(b"/"))?,
        };
        // The group lies above the root of the mount.
        if beneath.split(|byte| *byte == b'/').any(|part| part == b"..") {
            return None;
        }
        let mut path = PathBuf::from(OsStr::from_bytes(&mount.point));
        path.extend(beneath.split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(OsStr::from_bytes));
        Some(path)
    };
    mounted(mounts).filter(|mount| mount.kind == b"cgroup2").filter_map(folder).collect()
}

/// Decodes octal escapes: blanks, tabs, newlines and backslashes appear as `\` and three octal digits.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((first, after)) = rest.split_first() {
        let octal = after.get(..3).filter(|_| *first == b'\\').and_then(|digits| {
            let digits = std::str::from_utf8(digits).ok()?;
            u8::from_str_radix(digits, 8).ok()
        });
        plain.push(octal.unwrap_or(*first));
        rest = octal.map_or(after, |_| &after[3..]);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::{folders, unescaped, version_2};
    use std::path::PathBuf;

    const MOUNTS: &[u8] = b"\
24 30 0:22 / /proc rw,nosuid shared:12 - proc proc rw
31 24 0:27 / /sys/fs/cgroup/memory rw,nosuid shared:5 - cgroup cgroup rw,memory
32 24 0:28 / /sys/fs/cgroup rw,nosuid shared:5 master:1 - cgroup2 cgroup2 rw,nsdelegate
33 24 0:28 /user.slice /mnt/a\\040b\\134c rw - cgroup2 none rw
34 24 0:28 /user /elsewhere rw - cgroup2 none rw
";

    #[test]
    fn the_folder_of_a_group_at_each_mount() {
        let found = |group: &[u8]| folders(MOUNTS, group);
        assert_eq!(found(b"/"), [PathBuf::from("/sys/fs/cgroup")]);
        let both = ["/sys/fs/cgroup/user.slice/x", "/mnt/a b\\c/x"].map(PathBuf::from);
        assert_eq!(found(b"/user.slice/x"), both);
        assert_eq!(found(b"/../x"), Vec::<PathBuf>::new(), "above the namespace");
        assert_eq!(folders(b"1 2 0:1 /.. /c rw - cgroup2 none rw\n", b"/../x"), [PathBuf::from("/c/x")]);
    }

    #[test]
    fn odd_text_is_no_panic() {
        assert_eq!(version_2(b"9:name=systemd:/\n0::/a:b\n"), Some(&b"/a:b"[..]));
        assert_eq!(version_2(b"9:name=systemd:/\n"), None);
        assert_eq!(unescaped(b"a\\0\\999\\134\\"), b"a\\0\\999\\\\");
        assert!(folders(b"\n1\n1 2 3 4 5\n- - - - - -\n1 2 3 / /x rw -", b"/").is_empty());
    }
}
