//! A script that was found among the words, and how often they are looked through for one.

/// A text that is executed, and where it was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) kind: Kind,
    /// The word that names the program; none where it is the command line's own.
    pub(crate) program: Option<usize>,
    /// The option before it; none where the script is an operand.
    pub(crate) option: Option<usize>,
    /// None where it is missing.
    pub(crate) script: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A shell executes it: any, spelled or computed.
    Shell,
    /// An interpreter executes it, and part of it is computed.
    Interpreter,
}

/// Where the words that may be programs were read from in vain. Thousands of them can stand in one line, each followed
/// by all that follows the next: from a word that the same kind of program was read from before, nothing new is found.
#[derive(Default)]
pub(super) struct Scans(Vec<(&'static [&'static str], Vec<bool>)>);

/// The words that one kind of program was read from.
pub(super) struct Read<'a>(Option<&'a mut Vec<bool>>);

impl Scans {
    /// Those of programs of these names; without a name each is read by itself.
    pub(super) fn of(&mut self, names: Option<&'static [&'static str]>, words: usize) -> Read<'_> {
        let Some(names) = names else { return Read(None) };
        let at = self.0.iter().position(|(known, _)| *known == names).unwrap_or_else(|| {
            self.0.push((names, vec![false; words]));
            self.0.len() - 1
        });
        Read(Some(&mut self.0[at].1))
    }
}

impl Read<'_> {
    /// Whether it was read from this word before; from now on it was.
    pub(super) fn again(&mut self, index: usize) -> bool {
        self.0.as_mut().is_some_and(|read| std::mem::replace(&mut read[index], true))
    }
}
