//! Reports its own state as text: argv, environ, descriptors, directory, umask, signals, ids.
//!
//! Has no start-up code of std, which would open `/dev/null` for missing streams and ignore SIGPIPE: the report shows
//! the state that the parent set up.

#![no_main]

use airtight_tests::proc;
use std::ffi::{CStr, c_char, c_int};
use std::fs;
use std::io::Write;
use std::os::unix::ffi::OsStrExt;

#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    let mut report = Vec::new();
    // SAFETY: the kernel passes `argc` pointers.
    for word in unsafe { std::slice::from_raw_parts(argv, argc.unsigned_abs() as usize) } {
        // SAFETY: each points to a C string that lives as long as the process.
        let word = unsafe { CStr::from_ptr(*word) };
        line(&mut report, "argv", word.to_bytes());
    }
    for entry in fs::read(proc("self/environ")).unwrap_or_default().split_inclusive(|byte| *byte == 0) {
        line(&mut report, "env", &entry[..entry.len() - 1]);
    }
    let listing = proc(format_args!("{}/fd", std::process::id()));
    let mut fds: Vec<(i32, Vec<u8>)> = fs::read_dir(proc("self/fd"))
        .expect("a file of /proc")
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let link = fs::read_link(entry.path()).ok()?;
            let is_listing = link.as_os_str() == listing.as_str();
            let number = entry.file_name().to_str()?.parse().ok()?;
            (!is_listing).then(|| (number, link.as_os_str().as_bytes().to_vec()))
        })
        .collect();
    fds.sort();
    for (number, link) in fds {
        line(&mut report, &format!("fd{number}"), &link);
    }
    let cwd = std::env::current_dir().map(|cwd| cwd.as_os_str().as_bytes().to_vec()).unwrap_or_default();
    line(&mut report, "cwd", &cwd);
    for status in fs::read_to_string(proc("self/status")).expect("a file of /proc").lines() {
        if let Some((key, value)) = status.split_once(':') {
            line(&mut report, key, value.trim().as_bytes());
        }
    }
    // The report goes to stdout. A test that looks at another stream redirects stdout.
    i32::from(std::io::stdout().write_all(&report).is_err())
}

fn line(report: &mut Vec<u8>, key: &str, value: &[u8]) {
    report.extend_from_slice(format!("{key} {}\n", value.escape_ascii()).as_bytes());
}
