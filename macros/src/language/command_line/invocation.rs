//! The programs that a command line starts, one inside the other.

use super::{Word, program_name, wrappers};

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

/// How deep wrappers are followed: `sudo env nice …`.
const DEEPEST: usize = 16;

/// The program itself and what it starts, outermost first.
pub(crate) fn invocations<'a>(program: &'a [u8], words: &[Word<'a>]) -> Vec<Invocation<'a>> {
    let outer = Invocation { program, index: None, start: 0, end: words.len(), how: How::Known };
    let mut found = vec![outer];
    // The ranges of one depth do not overlap, so that each word is read once for each depth.
    let mut depth = 0..1;
    for _ in 0..DEEPEST {
        for next in depth.clone() {
            let invocation = found[next];
            if invocation.how != How::Guessed
                && let Some(wrapper) = wrappers::find(invocation.name())
            {
                wrapper.each(&invocation, words, |inner| found.push(inner));
            }
        }
        depth = depth.end..found.len();
    }
    found
}
