//! The last part of a stream, kept for errors.

use crate::secret::{Masker, Secrets};

/// The size of that part.
pub(super) const SHOWN: usize = 4 << 10;

/// Secrets are hidden before bytes are dropped, so that no part of a secret remains at the beginning.
pub(super) struct Tail {
    /// The last bytes, with secrets hidden.
    bytes: Vec<u8>,
    /// `None` if there are no secrets.
    masker: Option<Masker>,
    wants_before: usize,
    is_empty: bool,
}

impl Tail {
    pub(super) fn new(secrets: &Secrets) -> Tail {
        // A position within the longest secret's length of the start may lie inside a secret. The masker can hold back
        // as many bytes again.
        let wants_before = secrets.longest().saturating_mul(2);
        Tail { bytes: Vec::new(), masker: secrets.masker(), wants_before, is_empty: true }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// How many bytes before the tail must be known to recognise a secret that crosses its start.
    pub(super) fn wants_before(&self) -> usize {
        self.wants_before
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        self.is_empty = false;
        match &mut self.masker {
            None => self.bytes.extend_from_slice(&bytes[bytes.len().saturating_sub(SHOWN)..]),
            Some(masker) => masker.push(bytes, &mut self.bytes),
        }
        if self.bytes.len() > 2 * SHOWN {
            self.shorten();
        }
    }

    /// Pushes `bytes`, which follow `before`; `before` is not shown.
    pub(super) fn push_behind(&mut self, before: &[u8], bytes: &[u8]) {
        if let (true, Some(masker)) = (self.is_empty, &mut self.masker) {
            masker.follow(&before[before.len().saturating_sub(self.wants_before)..]);
        }
        self.push(bytes);
    }

    fn shorten(&mut self) {
        self.bytes.drain(..self.bytes.len().saturating_sub(SHOWN));
    }

    /// The last 4 KiB with secrets hidden. A possible beginning of a secret is hidden too, since a killed program may
    /// have stopped in the middle of one.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        if let Some(mut masker) = self.masker.take() {
            masker.finish(true, &mut self.bytes);
        }
        self.shorten();
        std::mem::take(&mut self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, Tail};
    use crate::secret::Secrets;

    #[test]
    fn keeps_the_end_and_no_part_of_a_secret() {
        for offset in 0..16 {
            let mut tail = Tail::new(&Secrets::new([b"hunter2".as_slice()]));
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

    #[test]
    fn is_the_end_of_what_the_whole_would_show() {
        let secret = b"0123456789".repeat(900);
        let secrets = Secrets::new([secret.as_slice(), b"pin=4711"]);
        let stream = [b"a".repeat(5000), secret.clone(), b"b pin=4711 c".repeat(400), secret.clone()].concat();
        let shown = secrets.hide(&stream, true);
        for cut in [1, 10, 4096, 9000, 20_000] {
            let mut tail = Tail::new(&secrets);
            stream.chunks(cut).for_each(|chunk| tail.push(chunk));
            assert!(tail.finish() == shown[shown.len() - SHOWN..], "in pieces of {cut}");
        }
        // No part of a secret is shown, for any bound.
        for max in (0..stream.len()).step_by(501) {
            let mut tail = Tail::new(&secrets);
            let (before, behind) = stream.split_at(max);
            behind.chunks(700).for_each(|chunk| tail.push_behind(before, chunk));
            let tail = tail.finish();
            assert!(shown.ends_with(tail.strip_prefix(b"***").unwrap_or(&tail)), "from {max} on");
            assert_eq!(tail.len() > 3, max < stream.len() - secret.len() - 1, "from {max} on");
        }
    }
}
