//! Hides secrets in a stream of bytes.

use super::automaton::{START, State};
use super::texts::{HIDDEN, Texts};
use std::collections::VecDeque;
use std::sync::Arc;

/// Hides secrets in a stream, independent of how it is split into pieces. It holds back bytes that may begin a secret,
/// always fewer than the longest secret has. Secrets that overlap or touch are hidden as one.
pub(crate) struct Masker {
    secrets: Arc<Texts>,
    state: State,
    /// The number of bytes pushed. Positions count from the beginning of the stream.
    taken: u64,
    /// The last bytes pushed, which are held back: as many as the prefix of `state` has.
    held: VecDeque<u8>,
    /// The ranges of `held` that are hidden, in order.
    hidden: VecDeque<(u64, u64)>,
    /// The position up to which output was written, if that output ends with a hidden range.
    hidden_until: Option<u64>,
}

impl Masker {
    pub(super) fn new(secrets: Arc<Texts>) -> Masker {
        Masker { secrets, state: START, taken: 0, held: VecDeque::new(), hidden: VecDeque::new(), hidden_until: None }
    }

    /// Pushes the next piece, and appends the bytes that may be shown to `shown`.
    pub(crate) fn push(&mut self, piece: &[u8], shown: &mut Vec<u8>) {
        let secrets = Arc::clone(&self.secrets);
        let automaton = secrets.automaton();
        let mut rest = piece;
        while let Some(&byte) = rest.first() {
            if self.state == START {
                let plain = rest.iter().position(|byte| automaton.begins(*byte)).unwrap_or(rest.len());
                if plain > 0 {
                    shown.extend_from_slice(&rest[..plain]);
                    self.taken += plain as u64;
                    rest = &rest[plain..];
                    continue;
                }
            }
            self.held.push_back(byte);
            self.taken += 1;
            self.state = automaton.step(self.state, byte);
            let longest = automaton.longest(self.state);
            if longest > 0 {
                self.hide(self.taken - longest as u64);
            }
            self.let_out(self.taken - automaton.length(self.state) as u64, shown);
            rest = &rest[1..];
        }
    }

    /// Pushes bytes that precede the stream and are not shown, so that a secret that begins in them is recognised.
    pub(crate) fn follow(&mut self, before: &[u8]) {
        self.push(before, &mut Vec::new());
        self.hidden_until = None;
    }

    /// Ends the stream. If it was `cut` off, a possible beginning of a secret at its end is hidden.
    pub(crate) fn finish(&mut self, cut: bool, shown: &mut Vec<u8>) {
        if cut && !self.held.is_empty() {
            self.hide(self.taken - self.held.len() as u64);
        }
        self.let_out(self.taken, shown);
        self.state = START;
    }

    /// Hides the bytes from this position to the end of those pushed.
    fn hide(&mut self, mut from: u64) {
        while let Some(&(earlier, _)) = self.hidden.back().filter(|(_, until)| *until >= from) {
            from = from.min(earlier);
            self.hidden.pop_back();
        }
        self.hidden.push_back((from, self.taken));
    }

    /// Writes the bytes held before this position, since no secret that begins there can still be completed.
    fn let_out(&mut self, until: u64, shown: &mut Vec<u8>) {
        while let Some(&(from, to)) = self.hidden.front().filter(|(from, _)| *from < until) {
            let plain = self.held_before(from);
            shown.extend(self.held.drain(..plain));
            if self.hidden_until != Some(from) {
                shown.extend_from_slice(HIDDEN.as_bytes());
            }
            let end = to.min(until);
            let covered = self.held_before(end);
            self.held.drain(..covered);
            self.hidden_until = Some(end);
            self.hidden.pop_front();
            if end < to {
                self.hidden.push_front((end, to));
            }
        }
        let plain = self.held_before(until);
        shown.extend(self.held.drain(..plain));
    }

    /// How many of the bytes held lie before this position.
    fn held_before(&self, place: u64) -> usize {
        let first = self.taken - self.held.len() as u64;
        place.saturating_sub(first) as usize
    }
}
