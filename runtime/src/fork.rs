//! Telling a copy of this process, made by fork(2), from the process itself: what the one has started is not the other's
//! to end, to wait for or to go on with.

use nix::errno::Errno;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// A page that the kernel empties in a copy of this process (MADV_WIPEONFORK, see madvise(2)).
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());
/// The highest number that was given so far, by this process or by one that it is a copy of.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A number that is this process's own: a copy of it has another. Takes no lock, which a fork could find held.
pub(crate) fn generation() -> u64 {
    let Some(number) = page() else {
        // Without such a page the number of the process stands for it.
        return u64::from(std::process::id()) | 1 << 63;
    };
    match number.load(Ordering::Acquire) {
        0 => {
            let own = LAST.fetch_add(1, Ordering::Relaxed) + 1;
            number.compare_exchange(0, own, Ordering::AcqRel, Ordering::Acquire).map_or_else(|other| other, |_| own)
        }
        own => own,
    }
}

/// The page, which is mapped when it is first asked for; none where that failed once.
fn page() -> Option<&'static AtomicU64> {
    let mut page = PAGE.load(Ordering::Acquire);
    if page.is_null() {
        let own = map().unwrap_or(NONE);
        page = match PAGE.compare_exchange(page, own, Ordering::AcqRel, Ordering::Acquire) {
            Ok(_) => own,
            Err(other) => {
                if own != NONE {
                    unmap(own);
                }
                other
            }
        };
    }
    // SAFETY: what is not `NONE` was mapped by `map`, and is never unmapped once it stands in `PAGE`; zeroes are a valid
    // number.
    (page != NONE).then(|| unsafe { &*page })
}

/// Stands for a page that could not be had: numbers do not change from one kind to the other.
const NONE: *mut AtomicU64 = std::ptr::dangling_mut();

/// As long as any page is.
const LENGTH: usize = 4096;

fn map() -> Option<*mut AtomicU64> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: an anonymous mapping at an address that the kernel chooses touches nothing that exists.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), LENGTH, access, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the page was just mapped; the advice concerns only what a fork sees.
    if Errno::result(unsafe { libc::madvise(page, LENGTH, libc::MADV_WIPEONFORK) }).is_err() {
        unmap(page.cast());
        return None;
    }
    Some(page.cast())
}

fn unmap(page: *mut AtomicU64) {
    // SAFETY: mapped by `map`, and nobody else has seen it.
    unsafe { libc::munmap(page.cast(), LENGTH) };
}

#[cfg(test)]
mod tests {
    use super::generation;

    #[test]
    fn a_copy_of_this_process_has_another_number() {
        let own = generation();
        assert_eq!(generation(), own);
        // SAFETY: the child takes no lock, and exits at once.
        let pid = unsafe { libc::fork() };
        if pid == 0 {
            let differs = generation() != own && generation() == generation();
            // SAFETY: ends the child at once.
            unsafe { libc::_exit(i32::from(!differs)) };
        }
        let mut status = -1;
        // SAFETY: waits for the child that was just made.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
        assert_eq!((waited, status, generation()), (pid, 0, own));
    }
}
