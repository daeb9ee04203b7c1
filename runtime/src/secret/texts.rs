//! The texts to hide, and the automaton that finds them.

use super::automaton::Automaton;
use std::sync::OnceLock;

/// Shown in place of a secret.
pub(crate) const HIDDEN: &str = "***";

/// The texts, sorted and without duplicates.
pub(super) struct Texts {
    pub(super) texts: Vec<Vec<u8>>,
    /// Built by the first search.
    automaton: OnceLock<Automaton>,
}

impl Texts {
    pub(super) fn new(mut texts: Vec<Vec<u8>>) -> Texts {
        texts.sort_unstable();
        texts.dedup();
        Texts { texts, automaton: OnceLock::new() }
    }

    pub(super) fn automaton(&self) -> &Automaton {
        self.automaton.get_or_init(|| Automaton::new(self.texts.iter().map(Vec::as_slice)))
    }
}
