//! Programs without a runtime or a loader, so that the measured time is the time of the start.

use std::ffi::CString;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// A folder with the programs; removed on drop.
pub(crate) struct Programs {
    folder: PathBuf,
}

impl Programs {
    pub(crate) fn new() -> Programs {
        let folder = std::env::temp_dir().join(format!("airtight-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let programs = Programs { folder };
        programs.write("exit", EXIT);
        programs.write("speak", SPEAK);
        programs.write("flood", FLOOD);
        programs
    }

    /// Exits at once.
    pub(crate) fn exit(&self) -> PathBuf {
        self.folder.join("exit")
    }

    /// Writes 100 bytes to stdout and 100 to stderr.
    pub(crate) fn speak(&self) -> PathBuf {
        self.folder.join("speak")
    }

    /// Writes a GiB to stdout, 64 KiB at a time.
    pub(crate) fn flood(&self) -> PathBuf {
        self.folder.join("flood")
    }

    fn write(&self, name: &str, code: &[u8]) {
        use std::io::Write;
        let path = self.folder.join(name);
        let mut file =
            std::fs::File::options().write(true).create(true).truncate(true).mode(0o755).open(path).expect("a file");
        file.write_all(&elf(code)).expect("a program");
    }
}

impl Drop for Programs {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.folder));
    }
}

pub(crate) fn c_path(path: &Path) -> CString {
    CString::new(path.as_os_str().to_owned().into_vec()).expect("a path")
}

/// An ELF executable of one segment: headers, code, then 100 bytes of text.
fn elf(code: &[u8]) -> Vec<u8> {
    const BASE: u64 = 0x40_0000;
    const HEADERS: u64 = 64 + 56;
    let size = HEADERS + code.len() as u64 + 100;
    let machine: u16 = if cfg!(target_arch = "aarch64") { 183 } else { 62 };
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec();
    file.extend(2_u16.to_le_bytes());
    file.extend(machine.to_le_bytes());
    file.extend(1_u32.to_le_bytes());
    [BASE + HEADERS, 64, 0].iter().for_each(|field| file.extend(field.to_le_bytes()));
    file.extend(0_u32.to_le_bytes());
    [64_u16, 56, 1, 0, 0, 0].iter().for_each(|field| file.extend(field.to_le_bytes()));
    file.extend(1_u32.to_le_bytes());
    file.extend(5_u32.to_le_bytes());
    [0, BASE, BASE, size, size, 0x1000].iter().for_each(|field: &u64| file.extend(field.to_le_bytes()));
    file.extend(code);
    file.extend([b'x'; 99]);
    file.push(b'\n');
    file
}

/// exit_group(0).
#[cfg(target_arch = "x86_64")]
const EXIT: &[u8] = b"\xb8\xe7\x00\x00\x00\x31\xff\x0f\x05";
/// write(1, text, 100), write(2, text, 100), exit_group(0).
#[cfg(target_arch = "x86_64")]
const SPEAK: &[u8] =
    b"\xb8\x01\x00\x00\x00\xbf\x01\x00\x00\x00\x48\x8d\x35\x1c\x00\x00\x00\xba\x64\x00\x00\x00\x0f\x05\
    \xb8\x01\x00\x00\x00\xbf\x02\x00\x00\x00\x0f\x05\xb8\xe7\x00\x00\x00\x31\xff\x0f\x05";
/// 16,384 times write(1, stack, 65,536), exit_group(0).
#[cfg(target_arch = "x86_64")]
const FLOOD: &[u8] =
    b"\x48\x81\xec\x00\x00\x01\x00\xbb\x00\x40\x00\x00\xb8\x01\x00\x00\x00\xbf\x01\x00\x00\x00\x48\x89\xe6\
    \xba\x00\x00\x01\x00\x0f\x05\xff\xcb\x75\xe8\xb8\xe7\x00\x00\x00\x31\xff\x0f\x05";

#[cfg(target_arch = "aarch64")]
const EXIT: &[u8] = b"\x00\x00\x80\xd2\xc8\x0b\x80\xd2\x01\x00\x00\xd4";
#[cfg(target_arch = "aarch64")]
const SPEAK: &[u8] = b"\x20\x00\x80\xd2\x21\x01\x00\x10\x82\x0c\x80\xd2\x08\x08\x80\xd2\x01\x00\x00\xd4\
    \x40\x00\x80\xd2\x01\x00\x00\xd4\x00\x00\x80\xd2\xc8\x0b\x80\xd2\x01\x00\x00\xd4";
#[cfg(target_arch = "aarch64")]
const FLOOD: &[u8] = b"\xff\x43\x40\xd1\x13\x00\x88\x52\x20\x00\x80\xd2\xe1\x03\x00\x91\x02\x00\xa0\xd2\
    \x08\x08\x80\xd2\x01\x00\x00\xd4\x73\x06\x00\x71\x41\xff\xff\x54\x00\x00\x80\xd2\xc8\x0b\x80\xd2\x01\x00\x00\xd4";
