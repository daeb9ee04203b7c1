//! The messages of errors. The reason of a failed exec is determined here, only after a failure, so that a successful
//! start pays nothing. The caller escapes characters that have an effect when they are shown.

use super::{Operand, Step};
use nix::unistd::{AccessFlags, eaccess, geteuid};
use std::fmt::{self, Write};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

pub(super) fn not_found(f: &mut String, program: &str, searched: &[PathBuf]) -> fmt::Result {
    if program.starts_with('/') {
        return write!(f, "`{program}` does not exist");
    }
    write!(f, "`{program}` was not found in `PATH`")?;
    if searched.is_empty() {
        return f.write_str(": `PATH` contains no absolute directory");
    }
    let searched: Vec<_> = searched.iter().map(|directory| directory.display().to_string()).collect();
    write!(f, ": searched {}", searched.join(", "))
}

pub(super) fn start(
    f: &mut String,
    step: Step,
    operand: &str,
    source: &io::Error,
    reason: Option<&str>,
) -> fmt::Result {
    write!(f, "cannot {}", step.phrase())?;
    match step.operand() {
        Operand::Null => {}
        Operand::Number | Operand::Signal | Operand::Capability | Operand::Limit | Operand::Cpus => {
            write!(f, " {operand}")?;
        }
        Operand::Program | Operand::Stated | Operand::Directory | Operand::Pidfile | Operand::Label => {
            write!(f, " `{operand}`")?;
        }
    }
    if let Some(reason) = reason {
        return write!(f, ": {reason}");
    }
    match (step, source.raw_os_error()) {
        (Step::Exec, Some(errno)) => exec(f, Path::new(operand), errno, source),
        (Step::SeLinux | Step::AppArmor | Step::OomScoreAdj, Some(libc::ENODEV)) => {
            f.write_str(": `/proc` is not a proc file system")
        }
        (Step::SeLinux | Step::AppArmor | Step::OomScoreAdj, Some(libc::ENOENT))
            if !Path::new("/proc/self").exists() =>
        {
            f.write_str(": `/proc` is not mounted")
        }
        (Step::SeLinux, _) if !Path::new("/sys/fs/selinux/enforce").exists() => {
            f.write_str(": this kernel has no SELinux")
        }
        (Step::AppArmor, _) if !has_apparmor() => f.write_str(": this kernel has no AppArmor"),
        (Step::OomScoreAdj, Some(libc::EACCES)) if !owns_its_proc_files() => {
            write!(f, ": after a change of its ids, this process may not write its own files in `/proc`: {source}")
        }
        (Step::OomScoreAdj, Some(libc::EINVAL)) => write!(f, ": expected -1000 to 1000: {source}"),
        (Step::OomScoreAdj, Some(libc::EACCES)) => write!(f, ": to lower it takes CAP_SYS_RESOURCE: {source}"),
        (Step::Cpus, Some(libc::EINVAL)) => {
            write!(f, ": at least one does not exist, or is not allowed to this process: {source}")
        }
        (Step::SchedCore, Some(libc::EINVAL | libc::ENODEV)) => {
            write!(f, ": this kernel or machine has no core scheduling: {source}")
        }
        (Step::Pidfile, Some(libc::EINVAL)) => f.write_str(": it is not a regular file"),
        (Step::Pidfile, Some(libc::EMLINK)) => f.write_str(": it has other names (hard links)"),
        (Step::Pidfile, Some(libc::ELOOP)) => f.write_str(": it is a symbolic link"),
        (Step::ParentDeathSignal, Some(libc::ESRCH)) => f.write_str(": the parent has ended already"),
        (Step::Terminal, Some(libc::ENOTTY)) => f.write_str(": its stdin is not a terminal"),
        (Step::DevNull, Some(libc::ENODEV)) => f.write_str(": `/dev/null` is not the null device"),
        _ => write!(f, ": {source}"),
    }
}

fn has_apparmor() -> bool {
    std::fs::read("/sys/module/apparmor/parameters/enabled").is_ok_and(|enabled| enabled.starts_with(b"Y"))
}

/// Whether this user owns the files of this process in /proc. A process whose ids have changed is not dumpable, and root
/// owns them.
fn owns_its_proc_files() -> bool {
    let owner = std::fs::metadata("/proc/self/oom_score_adj").map(|file| file.uid());
    owner.is_ok_and(|owner| owner == geteuid().as_raw())
}

/// Adds the reason that the errno of execve(2) leaves open.
fn exec(f: &mut String, path: &Path, errno: i32, source: &io::Error) -> fmt::Result {
    let metadata = std::fs::metadata(path);
    match (errno, metadata) {
        (libc::EACCES, Ok(file)) if file.is_dir() => f.write_str(": it is a directory"),
        (libc::EACCES, Ok(file)) if !file.is_file() => f.write_str(": it is not a regular file"),
        (libc::EACCES, Ok(_)) if eaccess(path, AccessFlags::X_OK).is_err() => {
            write!(f, ": this user may not execute it: {source}")
        }
        (libc::ENOENT, Ok(_)) => match interpreter(path) {
            Some(interpreter) => write!(f, ": its interpreter `{interpreter}` does not exist"),
            None => f.write_str(": its dynamic loader does not exist"),
        },
        (libc::EACCES, Ok(_)) => match interpreter(path) {
            Some(interpreter) => write!(f, ": its interpreter `{interpreter}` is not executable"),
            None => write!(f, ": {source}"),
        },
        (libc::ETXTBSY, Ok(_)) => match interpreter(path) {
            Some(interpreter) => write!(f, ": it or its interpreter `{interpreter}` is open for writing"),
            None => f.write_str(": it is open for writing"),
        },
        (libc::ENOEXEC, Ok(_)) => {
            f.write_str(": it is neither an executable for this machine nor a script that begins with `#!`")
        }
        _ => write!(f, ": {source}"),
    }
}

/// The interpreter after `#!`, up to a blank.
fn interpreter(path: &Path) -> Option<String> {
    let mut head = Vec::new();
    File::open(path).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = line.trim_ascii();
    let end = line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    Some(Path::new(std::ffi::OsStr::from_bytes(&line[..end])).display().to_string())
}

/// Adds the last line of a program's stderr that is not blank.
pub(super) fn last_words(f: &mut String, stderr: &[u8]) -> fmt::Result {
    const SHOWN: usize = 400;
    let text = String::from_utf8_lossy(stderr);
    let Some(line) = text.lines().map(str::trim).rfind(|line| !line.is_empty()) else { return Ok(()) };
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => write!(f, ": {}…", &line[..at]),
        None => write!(f, ": {line}"),
    }
}
