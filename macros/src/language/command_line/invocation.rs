//! One of the programs that a command line starts.

use super::word::program_name;

/// One program and the range of its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invocation<'a> {
    /// Its text; empty if it is computed.
    pub(crate) program: &'a [u8],
    /// The word that names it; `None` for the program of the command line.
    pub(crate) index: Option<usize>,
    /// Its words are `start..end`.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) certainty: Certainty,
}

/// Certainty certain it is that this word names a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// The wrapper expects a program in this place.
    Known,
    /// It may be an operand or an option's value, since the wrapper's options are unknown.
    Guessed,
    /// A shell on another machine reads it and the words after it.
    Remote,
}

impl<'a> Invocation<'a> {
    pub(crate) fn name(&self) -> &'a [u8] {
        program_name(self.program)
    }

    pub(crate) fn contains(&self, index: usize) -> bool {
        (self.start..self.end).contains(&index)
    }
}
