//! Tells a fork of this process from the process itself. The fork must not end, wait for or serve what the original
//! process has started.

use nix::errno::Errno;
use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

/// A page that the kernel zeroes in a fork (MADV_WIPEONFORK, see madvise(2)).
static PAGE: AtomicPtr<AtomicU64> = AtomicPtr::new(std::ptr::null_mut());
/// The highest number so far, in this process or in one that it was forked from.
static LAST: AtomicU64 = AtomicU64::new(0);

/// A number that identifies this process: a fork has another one. Takes no lock, since a fork may inherit it held.
pub(crate) fn generation() -> u64 {
    let Some(number) = page() else {
        // Without the page, the pid identifies the process.
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

/// The page, mapped at the first call. `None` if that failed once.
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
    // SAFETY: a pointer other than `NONE` comes from `map`, and a page in `PAGE` is never unmapped. A zeroed page is a
    // valid `AtomicU64`.
    (page != NONE).then(|| unsafe { &*page })
}

/// Stands for a page that could not be mapped. It is kept, so that both kinds of number are never mixed.
const NONE: *mut AtomicU64 = std::ptr::dangling_mut();

/// At most the size of a page on any architecture.
const LENGTH: usize = 4096;

fn map() -> Option<*mut AtomicU64> {
    let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: an anonymous mapping at an address that the kernel chooses replaces no existing mapping.
    let page = unsafe { libc::mmap(std::ptr::null_mut(), LENGTH, access, kind, -1, 0) };
    if page == libc::MAP_FAILED {
        return None;
    }
    // SAFETY: the page was just mapped, and the advice only changes what a fork sees.
    if Errno::result(unsafe { libc::madvise(page, LENGTH, libc::MADV_WIPEONFORK) }).is_err() {
        unmap(page.cast());
        return None;
    }
    Some(page.cast())
}

fn unmap(page: *mut AtomicU64) {
    // SAFETY: `map` returned the page, and no other pointer to it was published.
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
            // SAFETY: _exit takes no pointers and ends the child at once.
            unsafe { libc::_exit(i32::from(!differs)) };
        }
        let mut status = -1;
        // SAFETY: the status is a valid place for the kernel to write to.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
        assert_eq!((waited, status, generation()), (pid, 0, own));
    }
}
