//! Checks its own state as fast as possible, for tests that start it a hundred thousand times.
//!
//! `probe check CODE` exits with CODE, or with 99 if it has a descriptor besides the streams or a signal that is
//! blocked, ignored or pending. `probe table NUMBER` writes its open descriptors to descriptor NUMBER, a line `number
//! device inode` for each; `probe status NUMBER` writes its /proc/self/status there.

#![no_main]

use airtight_tests::proc;
use std::ffi::{CStr, CString, c_char, c_int};
use std::fmt::Write;

#[unsafe(no_mangle)]
extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
    let word = |index: usize| {
        assert!(index < argc.unsigned_abs() as usize, "too few words");
        // SAFETY: the kernel passes `argc` pointers.
        let word = unsafe { argv.wrapping_add(index).read() };
        // SAFETY: each points to a C string that lives as long as the process.
        unsafe { CStr::from_ptr(word) }.to_str().expect("text")
    };
    let number: c_int = word(2).parse().expect("a number");
    match word(1) {
        "check" => {
            let leaks = open_descriptors().iter().any(|fd| *fd > 2) || !signals_are_default();
            if leaks { 99 } else { number }
        }
        "table" => {
            let mut table = String::new();
            for fd in open_descriptors() {
                let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
                // SAFETY: the structure is valid.
                unsafe { libc::fstat(fd, stat.as_mut_ptr()) };
                // SAFETY: zeroes are a valid value, and the kernel has filled it.
                let stat = unsafe { stat.assume_init_ref() };
                let _ = writeln!(table, "{fd} {} {}", stat.st_dev, stat.st_ino);
            }
            write(number, &table)
        }
        "status" => write(number, &std::fs::read_to_string(proc("self/status")).expect("a file of /proc")),
        _ => 98,
    }
}

fn write(number: c_int, text: &str) -> c_int {
    // SAFETY: the text is as long as said.
    let written = unsafe { libc::write(number, text.as_ptr().cast(), text.len()) };
    c_int::from(written != text.len() as isize)
}

/// All but the descriptor that lists them.
fn open_descriptors() -> Vec<c_int> {
    let path = CString::new(proc("self/fd")).expect("no NUL");
    // SAFETY: the path is a C string.
    let directory = unsafe { libc::opendir(path.as_ptr()) };
    assert!(!directory.is_null(), "a file of /proc");
    // SAFETY: just opened.
    let own = unsafe { libc::dirfd(directory) };
    let mut open = Vec::new();
    loop {
        // SAFETY: just opened.
        let entry = unsafe { libc::readdir(directory) };
        if entry.is_null() {
            // SAFETY: opened above.
            unsafe { libc::closedir(directory) };
            return open;
        }
        // SAFETY: an entry that was just read.
        let name = unsafe { (*entry).d_name.as_ptr() };
        // SAFETY: the name is a C string that lives until the next reading.
        let name = unsafe { CStr::from_ptr(name) };
        let number: Option<c_int> = name.to_str().ok().and_then(|name| name.parse().ok());
        open.extend(number.filter(|fd| *fd != own));
    }
}

fn signals_are_default() -> bool {
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is valid.
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, std::ptr::null(), set.as_mut_ptr()) };
    let blocked = set;
    // SAFETY: the set is valid.
    unsafe { libc::sigpending(set.as_mut_ptr()) };
    (1..=64).all(|signal| {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: the structure is valid. libc keeps two signals for itself, and fails for them.
        unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
        // SAFETY: zeroes are a valid value.
        let is_default = unsafe { action.assume_init_ref() }.sa_sigaction == libc::SIG_DFL;
        // SAFETY: both sets were filled.
        let is_in =
            |set: &std::mem::MaybeUninit<libc::sigset_t>| unsafe { libc::sigismember(set.as_ptr(), signal) == 1 };
        is_default && !is_in(&blocked) && !is_in(&set)
    })
}
