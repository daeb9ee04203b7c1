//! Classifies a call by its operands.

use crate::supervisor::{Call, text_at};
use libc::*;

pub(super) fn is(call: &Call, number: c_long) -> bool {
    call.number == number
}

pub(super) fn parents(call: &Call, number: c_long) -> bool {
    call.by_parent && is(call, number)
}

pub(super) fn childs(call: &Call, number: c_long) -> bool {
    !call.by_parent && is(call, number)
}

pub(super) fn has(call: &Call, index: usize, flags: c_int) -> bool {
    call.operands[index] & flags as u64 != 0
}

pub(super) fn is_prctl(call: &Call, option: c_int) -> bool {
    is(call, SYS_prctl) && call.operands[0] == option as u64
}

pub(super) fn is_fcntl(call: &Call, command: c_int) -> bool {
    is(call, SYS_fcntl) && call.operands[1] == command as u64
}

pub(super) fn opens(call: &Call, is_it: impl Fn(&str) -> bool) -> bool {
    path_of(call).is_some_and(|path| is_it(&path))
}

/// The path that a call opens.
pub(super) fn path_of(call: &Call) -> Option<String> {
    is(call, SYS_openat).then(|| text_at(call.pid, call.operands[1]))
}

pub(super) fn makes_file(call: &Call, name: &str) -> bool {
    is(call, SYS_memfd_create) && text_at(call.pid, call.operands[0]) == name
}

pub(super) fn is_pidfile(call: &Call) -> bool {
    is_file(call, "/x.pid")
}

/// The descriptor at operand 0 is of a file whose path ends so.
pub(super) fn is_file(call: &Call, end: &str) -> bool {
    let link = std::fs::read_link(format!("/proc/{}/fd/{}", call.pid, call.operands[0])).unwrap_or_default();
    link.to_string_lossy().ends_with(end)
}

pub(super) fn is_pipe(call: &Call, index: usize) -> bool {
    let link = std::fs::read_link(format!("/proc/{}/fd/{}", call.pid, call.operands[index])).unwrap_or_default();
    link.to_string_lossy().starts_with("pipe:")
}

/// The stage is an executable of its own, so /proc/PID/exe shows it.
pub(super) fn is_stage(call: &Call) -> bool {
    let exe = std::fs::read_link(format!("/proc/{}/exe", call.pid)).unwrap_or_default();
    exe.to_string_lossy().contains("airtight-stage")
}

pub(super) fn is_directory(call: &Call) -> bool {
    std::fs::metadata(format!("/proc/{}/fd/{}", call.pid, call.operands[0])).is_ok_and(|file| file.is_dir())
}

pub(super) fn clone3_flags(call: &Call) -> u64 {
    word_at(call.pid, call.operands[0])
}

/// The length of the first vector of a vectored write.
pub(super) fn kind_of_write(call: &Call) -> u64 {
    word_at(call.pid, call.operands[1] + 8)
}

pub(super) fn word_at(pid: i32, address: u64) -> u64 {
    let mut word = 0u64;
    let local = iovec { iov_base: (&raw mut word).cast(), iov_len: 8 };
    let remote = iovec { iov_base: std::ptr::with_exposed_provenance_mut(address as usize), iov_len: 8 };
    // SAFETY: both vectors are valid; what is read is copied.
    unsafe { process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    word
}

/// Whether this process creates a daemon: its working directory is `/` already.
pub(super) fn is_maker(call: &Call) -> bool {
    std::fs::read_link(format!("/proc/{}/cwd", call.pid)).is_ok_and(|directory| directory == std::path::Path::new("/"))
}

/// Whether rt_sigaction sets the action of a signal that libc does not reserve.
pub(super) fn sets_action(call: &Call) -> bool {
    call.operands[1] != 0 && ![32, 33].contains(&call.operands[0])
}

/// Made by the main thread of a process with another thread: during `exec`, it waits for the thread that takes the
/// steps.
pub(super) fn has_another_thread(call: &Call) -> bool {
    let threads = std::fs::read_dir(format!("/proc/{}/task", call.pid)).map_or(0, Iterator::count);
    threads > 1 && crate::supervisor::process_of(call) == call.pid
}
