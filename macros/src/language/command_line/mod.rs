//! What the words of a command line mean to the programs that read them: which is a program that another one starts
//! (`sudo`, `env`, `find -exec`), and which is a script that a shell executes.
//!
//! Both packages use it, so that a computed command line is judged as a spelled one is. It allocates nothing but the
//! list of invocations.

pub(crate) mod dashes;
mod interpreters;
pub(crate) mod invocation;
pub(crate) mod program;
pub(crate) mod shells;
mod wrappers;

use invocation::{How, Invocation};

/// Stands in a text for what is not known yet: no argument has a NUL.
pub(crate) const HOLE: u8 = 0;

/// One word of a command line.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    /// Its text, with a [`HOLE`] for every part that is not known.
    pub(crate) text: &'a [u8],
    /// How many words it stands for is not known either.
    pub(crate) is_list: bool,
    /// Whether part of it comes from outside the source.
    pub(crate) is_computed: bool,
    /// Marked to be passed as it is: no rule looks at it.
    pub(crate) is_verbatim: bool,
    /// The declaration says that it is the value of the option before it, whatever it looks like.
    pub(crate) is_value: bool,
}

impl<'a> Word<'a> {
    /// The text, if all of it is known.
    fn known(&self) -> Option<&'a [u8]> {
        (!self.is_list && !self.text.contains(&HOLE)).then_some(self.text)
    }

    /// Nothing is known of it, not even its beginning.
    fn is_unknown(&self) -> bool {
        self.is_list || self.text.first() == Some(&HOLE)
    }

    fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with(b"-")
    }

    /// The word that ends a program's options.
    fn is_dashes(&self) -> bool {
        self.text == b"--" && !self.is_value && !self.is_list
    }
}

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

/// Whether a program of this name reads a script or starts another program, so that its words are worth looking at.
pub(crate) fn is_of_interest(program: &[u8]) -> bool {
    let name = program_name(program);
    shells::find(name).is_some() || interpreters::find(name).is_some() || wrappers::find(name).is_some()
}

/// The first script that the command line, or a program behind its wrappers, is given; `verbatim` ones passed over.
pub(crate) fn script(invocations: &[Invocation<'_>], words: &[Word<'_>]) -> Option<Script> {
    let mut scans = Scans::default();
    invocations.iter().find_map(|invocation| {
        let name = invocation.name();
        let guessed = invocation.how == How::Guessed;
        let shell = shells::find(name).filter(|shell| !guessed || shell.is_unmistakable());
        let mut found = shell.and_then(|shell| {
            let read = scans.of(guessed.then_some(shell.names), words.len());
            shell.script(invocation, words, read)
        });
        let interpreter = interpreters::find(name).filter(|interpreter| !guessed || interpreter.is_unmistakable());
        if found.is_none() {
            found = interpreter.and_then(|interpreter| {
                let read = scans.of(guessed.then_some(interpreter.names), words.len());
                interpreter.script(invocation, words, read)
            });
        }
        let found = found?;
        let is_verbatim = |index: Option<usize>| index.is_some_and(|index| words[index].is_verbatim);
        (!is_verbatim(found.option) && !is_verbatim(found.script)).then_some(found)
    })
}

/// Where the words that may be programs were read from in vain. Thousands of them can stand in one line, each followed
/// by all that follows the next: from a word that the same kind of program was read from before, nothing new is found.
#[derive(Default)]
struct Scans(Vec<(&'static [&'static str], Vec<bool>)>);

/// The words that one kind of program was read from.
struct Read<'a>(Option<&'a mut Vec<bool>>);

impl Scans {
    /// Those of programs of these names; without a name each is read by itself.
    fn of(&mut self, names: Option<&'static [&'static str]>, words: usize) -> Read<'_> {
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
    fn again(&mut self, index: usize) -> bool {
        self.0.as_mut().is_some_and(|read| std::mem::replace(&mut read[index], true))
    }
}

/// The last part of a path, without the `.exe` of another system.
pub(crate) fn program_name(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| *byte == b'/' || *byte == b'\\').next().unwrap_or(path);
    match name.len().checked_sub(4).map(|at| name.split_at(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(b".exe") => stem,
        _ => name,
    }
}

/// Whether `name` is one of `names`, a version behind it (`python3.11`, `ksh93`) and capitals passed over.
pub(crate) fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    let is_version = |byte: &u8| byte.is_ascii_digit() || *byte == b'.' || *byte == b'-';
    let is_known = |name: &[u8]| names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    let stem = || {
        let end = name.iter().rposition(|byte| !is_version(byte));
        &name[..end.map_or(0, |end| end + 1)]
    };
    is_known(name) || name.last().is_some_and(is_version) && is_known(stem())
}

#[cfg(test)]
mod tests;
