//! Memory for the returned bytes of a stream.
//!
//! The child decides how many bytes come. If memory runs out, that is an error of the stream: it does not abort this
//! process, as a failed allocation does elsewhere.
//!
//! Growing a long buffer takes as long as receiving its content, because the kernel maps it page by page and moves it.
//! Beyond `SHORT` bytes the maximum is reserved at once, which takes no memory until it is written to, and huge pages
//! are requested.

use nix::errno::Errno;

/// Up to this length a buffer grows as vectors do.
const SHORT: usize = 1 << 20;
/// The usual size of a huge page.
const LARGE_PAGE: usize = 2 << 20;

/// Reserves room for `length` more bytes of a buffer of at most `max` bytes, and for one byte beyond that maximum.
pub(super) fn reserve(bytes: &mut Vec<u8>, length: usize, max: usize) -> Result<(), Errno> {
    if bytes.capacity() - bytes.len() >= length {
        return Ok(());
    }
    let most = max.saturating_add(1).saturating_sub(bytes.len());
    let is_long = bytes.len().saturating_add(length) > SHORT;
    if is_long && most > length && bytes.try_reserve_exact(most).is_ok() {
        ask_for_large_pages(bytes);
        return Ok(());
    }
    bytes.try_reserve(length).map_err(|_| Errno::ENOMEM)
}

/// Returns unused capacity.
pub(super) fn give_back(bytes: &mut Vec<u8>) {
    if bytes.capacity() > SHORT {
        bytes.shrink_to_fit();
    }
}

/// Requests huge pages for the unwritten part. This is advice, so a refusal is ignored.
fn ask_for_large_pages(bytes: &mut Vec<u8>) {
    let spare = bytes.spare_capacity_mut();
    let from = spare.as_mut_ptr().align_offset(LARGE_PAGE);
    let length = spare.len().saturating_sub(from) / LARGE_PAGE * LARGE_PAGE;
    if let Some(pages) = spare.get_mut(from..from + length).filter(|pages| !pages.is_empty()) {
        // SAFETY: the pages lie in the vector's spare capacity, and the advice changes no byte.
        unsafe { libc::madvise(pages.as_mut_ptr().cast(), pages.len(), libc::MADV_HUGEPAGE) };
    }
}

#[cfg(test)]
mod tests {
    use super::{LARGE_PAGE, SHORT, give_back, reserve};
    use nix::errno::Errno;

    #[test]
    fn a_long_text_has_room_for_all_that_may_come() {
        let max = 8 * LARGE_PAGE;
        let mut bytes = vec![b'a'; 100];
        reserve(&mut bytes, 100, max).expect("there is memory");
        assert!((200..SHORT).contains(&bytes.capacity()), "a short one does not: {}", bytes.capacity());
        bytes.resize(SHORT, b'b');
        reserve(&mut bytes, 100, max).expect("there is memory");
        assert!(bytes.capacity() > max, "{}", bytes.capacity());
        assert!(bytes.starts_with(&[b'a'; 100]) && bytes.ends_with(b"b"));
        give_back(&mut bytes);
        assert_eq!((bytes.len(), bytes.capacity() < 2 * SHORT), (SHORT, true));
    }

    #[test]
    fn more_than_there_is_memory_is_not_reserved() {
        let mut bytes = vec![0; SHORT];
        reserve(&mut bytes, 100, usize::MAX).expect("there is memory");
        assert!((SHORT + 100..1 << 40).contains(&bytes.capacity()));
    }

    #[test]
    fn what_no_memory_holds_is_an_error() {
        for length in [usize::MAX, usize::MAX - 1, isize::MAX as usize] {
            let mut bytes = vec![0; 10];
            assert_eq!(reserve(&mut bytes, length, length), Err(Errno::ENOMEM));
            assert_eq!(bytes, [0; 10]);
        }
    }
}
