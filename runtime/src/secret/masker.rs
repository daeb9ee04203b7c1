//! Hiding secrets in a text that comes in pieces.

use super::automaton::{START, State};
use super::texts::{HIDDEN, Texts};
use std::collections::VecDeque;
use std::sync::Arc;

/// Hides secrets in a text, however it is cut into pieces. It holds back what could be the beginning of one, which is
/// shorter than the longest; secrets that overlap or touch each other are hidden as one.
pub(crate) struct Masker {
    secrets: Arc<Texts>,
    state: State,
    /// How much was taken. Places are counted from the beginning of the text.
    taken: u64,
    /// The last of what was taken, which was not let out: as much as `state` is long.
    held: VecDeque<u8>,
    /// What of it is hidden: from where to where, in order.
    hidden: VecDeque<(u64, u64)>,
    /// Where what was let out ends, if it ends with something hidden.
    hidden_until: Option<u64>,
}

impl Masker {
    pub(super) fn new(secrets: Arc<Texts>) -> Masker {
        Masker { secrets, state: START, taken: 0, held: VecDeque::new(), hidden: VecDeque::new(), hidden_until: None }
    }

    /// Takes the next piece, and adds what may be shown to `shown`.
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

    /// Takes what comes before the text and is not to be shown itself: a secret that begins there is known by it.
    pub(crate) fn follow(&mut self, before: &[u8]) {
        self.push(before, &mut Vec::new());
        self.hidden_until = None;
    }

    /// The end of the text. If it was cut off there, what could be the beginning of a secret is hidden.
    pub(crate) fn finish(&mut self, cut: bool, shown: &mut Vec<u8>) {
        if cut && !self.held.is_empty() {
            self.hide(self.taken - self.held.len() as u64);
        }
        self.let_out(self.taken, shown);
        self.state = START;
    }

    /// Hides what was taken from this place on.
    fn hide(&mut self, mut from: u64) {
        while let Some(&(earlier, _)) = self.hidden.back().filter(|(_, until)| *until >= from) {
            from = from.min(earlier);
            self.hidden.pop_back();
        }
        self.hidden.push_back((from, self.taken));
    }

    /// Lets out what is held before this place: no secret that begins there can end any more.
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

    /// How much of what is held is before this place.
    fn held_before(&self, place: u64) -> usize {
        let first = self.taken - self.held.len() as u64;
        place.saturating_sub(first) as usize
    }
}
