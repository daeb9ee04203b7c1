//! A short text in memory that a process shares with its fork.

use std::ptr::NonNull;

/// The size of the mapping, in bytes.
const SIZE: usize = 4096;

/// A shared mapping.
pub(crate) struct SharedText {
    bytes: NonNull<u8>,
}

impl SharedText {
    pub(crate) fn new() -> SharedText {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED | libc::MAP_ANONYMOUS);
        // SAFETY: new memory, which nothing else refers to.
        let mapped = unsafe { libc::mmap(std::ptr::null_mut(), SIZE, protection, flags, -1, 0) };
        assert!(mapped != libc::MAP_FAILED, "mmap: {}", std::io::Error::last_os_error());
        SharedText { bytes: NonNull::new(mapped.cast()).expect("it is mapped") }
    }

    pub(crate) fn set(&mut self, text: &str) {
        assert!(text.len() < SIZE);
        // SAFETY: the mapping is longer, and the other process reads it only after this one has ended.
        unsafe { self.bytes.as_ptr().copy_from_nonoverlapping(text.as_ptr(), text.len()) };
        // SAFETY: as above.
        unsafe { self.bytes.as_ptr().wrapping_add(text.len()).write(0) };
    }

    pub(crate) fn get(&self) -> &str {
        // SAFETY: all of it is mapped and was zeroed by the kernel.
        let bytes = unsafe { std::slice::from_raw_parts(self.bytes.as_ptr(), SIZE) };
        let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(SIZE);
        std::str::from_utf8(&bytes[..end]).expect("text")
    }
}

impl Drop for SharedText {
    fn drop(&mut self) {
        // SAFETY: mapped by `new`, and nothing refers to it any more.
        unsafe { libc::munmap(self.bytes.as_ptr().cast(), SIZE) };
    }
}
