//! The fastest known loops over pipes, written by hand: a GiB read, and a GiB fed and read back.

use crate::limit::{self, Stack, State};
use std::ffi::{CStr, c_char};
use std::io::{PipeReader, PipeWriter};
use std::os::fd::AsRawFd;

const CHUNK: usize = 64 << 10;
const WIDE: i32 = 1 << 20;

fn wide_pipe() -> (PipeReader, PipeWriter) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    // SAFETY: takes no pointers.
    unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETPIPE_SZ, WIDE) };
    (reader, writer)
}

/// Reads stdout to end of file into `buffer`, or over and over into its beginning without `keeps`; returns the number
/// of bytes read.
pub(crate) fn drained(
    stack: &mut Stack,
    path: &CStr,
    envp: &[*const c_char],
    state: State,
    buffer: &mut Reserved,
    keeps: bool,
) -> usize {
    let (reader, writer) = wide_pipe();
    let streams = Some([None, Some(writer.as_raw_fd()), None]);
    let child = limit::start(stack, path, envp, State { streams, ..state });
    drop(writer);
    let mut total = 0;
    loop {
        let at = buffer.start.wrapping_add(if keeps { total } else { 0 });
        // SAFETY: the mapping is longer than what comes.
        match unsafe { libc::read(reader.as_raw_fd(), at.cast(), CHUNK) } {
            read @ 1.. => total += read as usize,
            _ => break,
        }
    }
    child.wait();
    total
}

/// Writes `input` to stdin and reads stdout into `buffer`, in one loop of poll(2).
pub(crate) fn fed(
    stack: &mut Stack,
    path: &CStr,
    envp: &[*const c_char],
    state: State,
    input: &[u8],
    buffer: &mut Reserved,
) -> usize {
    let ((child_reads, writer), (reader, child_writes)) = (wide_pipe(), wide_pipe());
    // SAFETY: takes no pointers.
    unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) };
    let streams = Some([Some(child_reads.as_raw_fd()), Some(child_writes.as_raw_fd()), None]);
    let child = limit::start(stack, path, envp, State { streams, ..state });
    drop((child_reads, child_writes));
    let (mut writer, mut written, mut total) = (Some(writer), 0, 0);
    loop {
        let mut polled =
            [(&writer.as_ref().map(AsRawFd::as_raw_fd), libc::POLLOUT), (&Some(reader.as_raw_fd()), libc::POLLIN)]
                .map(|(fd, events)| libc::pollfd { fd: fd.unwrap_or(-1), events, revents: 0 });
        // SAFETY: the array is as long as said.
        unsafe { libc::poll(polled.as_mut_ptr(), 2, -1) };
        if let Some(end) = writer.as_ref().filter(|_| polled[0].revents != 0) {
            let rest = &input[written..];
            // SAFETY: the slice is as long as said.
            let wrote = unsafe { libc::write(end.as_raw_fd(), rest.as_ptr().cast(), rest.len()) };
            written += usize::try_from(wrote).unwrap_or(0);
            if written == input.len() {
                writer = None;
            }
        }
        if polled[1].revents != 0 {
            let at = buffer.start.wrapping_add(total);
            // SAFETY: the mapping is longer than what comes.
            match unsafe { libc::read(reader.as_raw_fd(), at.cast(), CHUNK) } {
                read @ 1.. => total += read as usize,
                _ => break,
            }
        }
    }
    child.wait();
    total
}

/// Reserved memory, which the kernel backs with huge pages as it is written to.
pub(crate) struct Reserved {
    start: *mut u8,
    length: usize,
}

impl Reserved {
    pub(crate) fn new(length: usize) -> Reserved {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        // SAFETY: an anonymous mapping where the kernel likes.
        let start =
            unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_READ | libc::PROT_WRITE, flags, -1, 0) };
        assert_ne!(start, libc::MAP_FAILED, "a mapping");
        // SAFETY: advice on the mapping just made.
        unsafe { libc::madvise(start, length, libc::MADV_HUGEPAGE) };
        Reserved { start: start.cast(), length }
    }
}

impl Reserved {
    /// Writes to every page.
    pub(crate) fn touch(&self) {
        // SAFETY: the mapping is so long, and nothing else refers to it.
        unsafe { std::ptr::write_bytes(self.start, 1, self.length) };
    }
}

impl Drop for Reserved {
    fn drop(&mut self) {
        // SAFETY: made in `new`, and not used again.
        unsafe { libc::munmap(self.start.cast(), self.length) };
    }
}
