//! The child's stack and the report page that it writes to.
//!
//! Mapping a stack takes a seventh of the time of a start, so arenas are pooled. A fork of this process must not use an
//! arena that it inherited, because it shares the report page with its parent. `MADV_WIPEONFORK` makes such an arena
//! recognisable: the kernel zeroes the stack in a fork, and with it the mark at its end.

use super::report::Report;
use nix::errno::Errno;
use std::ptr::NonNull;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const STACK: usize = 64 << 10;
const MARK: u64 = 0x6169_7274_6967_6874;
/// The maximum size of the pool: enough for as many threads as usually start programs at once.
const KEPT: usize = 32;

static POOL: Mutex<Vec<Arena>> = Mutex::new(Vec::new());

pub(super) struct Arena {
    /// The guard page, then the stack. The guard page is never accessible.
    base: NonNull<u8>,
    length: usize,
    report: NonNull<Report>,
}

// SAFETY: an arena owns its two mappings, no other pointer refers to them, and nothing in them belongs to a thread.
unsafe impl Send for Arena {}

impl Arena {
    /// Takes an arena from the pool, or maps a new one. If a fork inherited the pool locked, a new one is mapped.
    pub(super) fn take() -> Result<Arena, Errno> {
        while let Some(arena) = POOL.try_lock().ok().and_then(|mut pool| pool.pop()) {
            if arena.mark().load(Ordering::Relaxed) == MARK {
                return Ok(arena);
            }
        }
        Arena::map()
    }

    pub(super) fn put_back(self) {
        if let Ok(mut pool) = POOL.try_lock()
            && pool.len() < KEPT
        {
            pool.push(self);
        }
    }

    fn map() -> Result<Arena, Errno> {
        let page = page_size();
        let length = page + STACK;
        let stack = map(length, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_STACK)?;
        let report = match map(page, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_SHARED) {
            Ok(report) => report.cast(),
            Err(errno) => {
                unmap(stack, length);
                return Err(errno);
            }
        };
        let arena = Arena { base: stack, length, report };
        protect(stack, page)?;
        wipe_on_fork(stack, length)?;
        arena.mark().store(MARK, Ordering::Relaxed);
        Ok(arena)
    }

    /// The initial stack pointer: the upper end of the stack, just below the mark.
    pub(super) fn stack_top(&self) -> *mut u8 {
        self.base.as_ptr().wrapping_add(self.length - 16)
    }

    /// The lowest address of the stack, and its length up to [`stack_top`](Self::stack_top).
    pub(super) fn stack(&self) -> (*mut u8, usize) {
        let guard = self.length - STACK;
        (self.base.as_ptr().wrapping_add(guard), STACK - 16)
    }

    pub(super) fn report(&self) -> &Report {
        // SAFETY: the page stays mapped as long as the arena lives, and every bit pattern is a valid `Report`, which
        // consists of atomics.
        unsafe { self.report.as_ref() }
    }

    fn mark(&self) -> &AtomicU64 {
        // SAFETY: the last 16 bytes of the mapping lie above the stack, are aligned to 8, and hold only the mark.
        unsafe { &*self.stack_top().cast::<AtomicU64>() }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        unmap(self.report.cast(), page_size());
        unmap(self.base, self.length);
    }
}

fn page_size() -> usize {
    // SAFETY: sysconf takes no pointers.
    let size = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    usize::try_from(size).unwrap_or(4096)
}

fn map(length: usize, protection: i32, flags: i32) -> Result<NonNull<u8>, Errno> {
    // SAFETY: an anonymous mapping at an address that the kernel chooses replaces no existing mapping.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), length, protection, flags | libc::MAP_ANONYMOUS, -1, 0) };
    if address == libc::MAP_FAILED {
        return Err(Errno::last());
    }
    NonNull::new(address.cast()).ok_or(Errno::ENOMEM)
}

fn unmap(address: NonNull<u8>, length: usize) {
    // SAFETY: the mapping belongs to the arena, which is being dropped or was never completed, so nothing refers to it.
    unsafe { libc::munmap(address.as_ptr().cast(), length) };
}

/// Makes the lowest page inaccessible, so that a stack overflow faults instead of overwriting other memory.
fn protect(address: NonNull<u8>, length: usize) -> Result<(), Errno> {
    // SAFETY: the page belongs to the arena, and nothing refers to it yet.
    Errno::result(unsafe { libc::mprotect(address.as_ptr().cast(), length, libc::PROT_NONE) }).map(drop)
}

fn wipe_on_fork(address: NonNull<u8>, length: usize) -> Result<(), Errno> {
    // SAFETY: the pages belong to the arena, and the advice only changes what a fork sees.
    Errno::result(unsafe { libc::madvise(address.as_ptr().cast(), length, libc::MADV_WIPEONFORK) }).map(drop)
}

#[cfg(test)]
mod tests {
    use super::{Arena, MARK};
    use std::sync::atomic::Ordering;

    #[test]
    fn an_arena_that_a_fork_inherits_is_told_apart() {
        let arena = Arena::map().expect("memory for a stack");
        assert_eq!(arena.mark().load(Ordering::Relaxed), MARK);
        // SAFETY: the child reads one word of its own memory and exits.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            let inherited = arena.mark().load(Ordering::Relaxed) == MARK;
            // SAFETY: _exit takes no pointers and ends the child at once.
            unsafe { libc::_exit(i32::from(inherited)) };
        }
        let mut status = -1;
        // SAFETY: the status is a valid place for the kernel to write to.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
        assert_eq!((waited, status), (pid, 0), "the fork saw the mark of its parent's arena");
    }
}
