//! A script among the words of a command line, and a memo that keeps the search for it linear.

/// The indices of an executed text and of the words that introduce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Script {
    pub(crate) kind: Kind,
    /// The word that names the program; `None` for the program of the command line.
    pub(crate) program: Option<usize>,
    /// The option before it; `None` if the script is an operand.
    pub(crate) option: Option<usize>,
    /// `None` if it is missing.
    pub(crate) script: Option<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A shell executes it, literal or computed.
    Shell,
    /// An interpreter executes it, and part of it is computed.
    Interpreter,
}

/// Remembers the words from which guessed programs were scanned without success. A command line may have thousands of
/// guessed programs, whose words overlap: a second scan from the same word for the same programs finds nothing new.
#[derive(Default)]
pub(super) struct Scans(Vec<(&'static [&'static str], Vec<bool>)>);

/// The scanned words of programs of the same names.
pub(super) struct Read<'a>(Option<&'a mut Vec<bool>>);

impl Scans {
    /// The memo for programs of these names. Without names, nothing is remembered.
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
    /// Returns whether this word was scanned before, and marks it as scanned.
    pub(super) fn again(&mut self, index: usize) -> bool {
        self.0.as_mut().is_some_and(|read| std::mem::replace(&mut read[index], true))
    }
}
