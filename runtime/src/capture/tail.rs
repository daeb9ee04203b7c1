//! The end of a stream, kept for an error.

use crate::secret::{Cut, Secrets};
use std::rc::Rc;

/// How much of it is shown.
const SHOWN: usize = 4 << 10;

pub(super) struct Tail {
    bytes: Vec<u8>,
    cut: bool,
    secrets: Rc<Secrets>,
}

impl Tail {
    pub(super) fn new(secrets: Rc<Secrets>) -> Tail {
        Tail { bytes: Vec::new(), cut: false, secrets }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.bytes.is_empty()
    }

    /// How much of the end is kept: a secret that ends in what is shown begins within its own length before it.
    pub(super) fn kept(&self) -> usize {
        SHOWN + self.secrets.longest()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        let kept = self.kept();
        let bytes = match bytes.len() > kept {
            true => {
                self.cut = true;
                self.bytes.clear();
                &bytes[bytes.len() - kept..]
            }
            false => bytes,
        };
        self.bytes.extend_from_slice(bytes);
        if self.bytes.len() > 2 * kept {
            self.shorten(kept);
        }
    }

    fn shorten(&mut self, kept: usize) {
        let excess = self.bytes.len().saturating_sub(kept);
        self.cut |= excess > 0;
        self.bytes.drain(..excess);
    }

    /// The last 4 KiB, secrets hidden.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        self.shorten(self.kept());
        let mut shown = self.secrets.hide(&self.bytes, Cut { start: self.cut, end: true });
        shown.drain(..shown.len().saturating_sub(SHOWN));
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, Tail};
    use crate::secret::Secrets;
    use std::rc::Rc;

    #[test]
    fn keeps_the_end_and_no_part_of_a_secret() {
        for offset in 0..16 {
            let mut secrets = Secrets::default();
            secrets.add(b"hunter2");
            let mut tail = Tail::new(Rc::new(secrets));
            let mut stream = b"x".repeat(10_000 + offset);
            stream.extend_from_slice(b"hunter2");
            stream.extend(b"y".repeat(SHOWN - 4));
            stream.chunks(777).for_each(|chunk| tail.push(chunk));
            let shown = String::from_utf8(tail.finish()).expect("what was put in");
            assert!(shown.len() <= SHOWN);
            assert!(shown.ends_with(&"y".repeat(SHOWN - 4)));
            for part in ["hunter2", "unter2", "nter2", "ter2", "er2", "r2"] {
                assert!(!shown.contains(part), "{part} is shown");
            }
        }
    }
}
