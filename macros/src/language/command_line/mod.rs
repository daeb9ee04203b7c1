//! Analyses a command line: which words are programs that a wrapper starts (`sudo`, `env`, `find -exec`), and which
//! word is a script that a shell executes.
//!
//! Both packages use it, so that the same rules apply to literal and to computed command lines. It allocates only the
//! list of invocations and the scanned words.

pub(crate) mod dashes;
mod interpreters;
pub(crate) mod invocation;
pub(crate) mod program;
mod script;
pub(crate) mod shells;
mod word;
mod wrappers;

use invocation::{Certainty, Invocation};
use script::Scans;
#[allow(unused_imports, reason = "each package uses its part")]
pub(crate) use script::{Kind, Script};
#[allow(unused_imports, reason = "each package uses its part")]
pub(crate) use word::{HOLE, Word, is_one_of, program_name};

/// The maximum nesting of wrappers: `sudo env nice …`.
const DEEPEST: usize = 16;

/// The program itself and the programs that it starts, outermost first.
pub(crate) fn invocations<'a>(program: &'a [u8], words: &[Word<'a>]) -> Vec<Invocation<'a>> {
    let outer = Invocation { program, index: None, start: 0, end: words.len(), certainty: Certainty::Known };
    let mut found = vec![outer];
    // The ranges of one depth do not overlap, so each word is read once for each depth.
    let mut depth = 0..1;
    for _ in 0..DEEPEST {
        for next in depth.clone() {
            let invocation = found[next];
            if invocation.certainty != Certainty::Guessed
                && let Some(wrapper) = wrappers::find(invocation.name())
            {
                wrapper.each(&invocation, words, |inner| found.push(inner));
            }
        }
        depth = depth.end..found.len();
    }
    found
}

/// Whether a program of this name reads a script or starts another program, so that its words need to be analysed.
pub(crate) fn is_of_interest(program: &[u8]) -> bool {
    let name = program_name(program);
    shells::find(name).is_some() || interpreters::find(name).is_some() || wrappers::find(name).is_some()
}

/// The first script that the program, or a program behind its wrappers, is given. Skips scripts marked `verbatim`.
pub(crate) fn script(invocations: &[Invocation<'_>], words: &[Word<'_>]) -> Option<Script> {
    let mut scans = Scans::default();
    invocations.iter().find_map(|invocation| {
        let name = invocation.name();
        let guessed = invocation.certainty == Certainty::Guessed;
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

#[cfg(test)]
mod tests;
