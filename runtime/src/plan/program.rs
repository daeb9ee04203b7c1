//! Finds the program: in the parent, in the parent's `PATH`, before anything is started.

use nix::unistd::{AccessFlags, eaccess};
use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

/// The result of a search that found no program.
pub(crate) enum Missing {
    /// None of these directories contains it.
    NotFound(Vec<PathBuf>),
    /// Every match is not executable. This is the first one.
    NotExecutable(PathBuf),
}

/// The path to execute. An absolute path is used unchanged; a bare name is searched for in `PATH`. Empty and relative
/// entries of `PATH` are skipped, because with them the working directory would decide which program runs.
pub(crate) fn resolve(program: &CStr) -> Result<Cow<'_, CStr>, Missing> {
    if program.to_bytes().first() == Some(&b'/') {
        return Ok(Cow::Borrowed(program));
    }
    let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/bin:/usr/bin"));
    let directories = std::env::split_paths(&path).filter(|directory| directory.is_absolute());
    let (mut searched, mut not_executable) = (Vec::new(), None);
    for directory in directories {
        let candidate = directory.join(OsStr::from_bytes(program.to_bytes()));
        match look_at(&candidate) {
            Look::Program => {
                if let Ok(found) = CString::new(candidate.into_os_string().into_vec()) {
                    return Ok(Cow::Owned(found));
                }
            }
            Look::NotExecutable => not_executable = not_executable.or(Some(candidate)),
            Look::Nothing => {}
        }
        searched.push(directory);
    }
    Err(not_executable.map_or(Missing::NotFound(searched), Missing::NotExecutable))
}

enum Look {
    Program,
    NotExecutable,
    Nothing,
}

fn look_at(candidate: &Path) -> Look {
    match std::fs::metadata(candidate) {
        Ok(file) if file.is_file() => match eaccess(candidate, AccessFlags::X_OK) {
            Ok(()) => Look::Program,
            Err(_) => Look::NotExecutable,
        },
        _ => Look::Nothing,
    }
}
