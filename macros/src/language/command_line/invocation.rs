//! One of the programs that a command line starts.

use super::word::program_name;

/// One program and the words that it is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Invocation<'a> {
    /// What was written for it; empty where it is computed.
    pub(crate) program: &'a [u8],
    /// The word that names it; none for the command line's own.
    pub(crate) index: Option<usize>,
    /// Its words: from here up to `end`.
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) how: How,
}

/// How sure it is that this word names a program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    /// It stands where its wrapper expects one.
    Known,
    /// It may be an operand: the wrapper's options are too many to know.
    Guessed,
    /// A shell of another machine reads it and all that follows.
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
