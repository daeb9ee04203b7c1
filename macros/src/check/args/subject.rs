//! One argument as a rule sees it: its text, the program that reads it, and the words before it.

use super::argv::{Argument, OperandPlace};
use super::programs::{Fact, facts};
use crate::check::wording::Wording;
use crate::language::command_line::Word;
use crate::language::command_line::invocation::{Certainty, Invocation};

/// A program that reads words, and the facts about it.
pub(super) struct Reader<'a> {
    invocation: Invocation<'a>,
    facts: Vec<Fact>,
}

impl<'a> Reader<'a> {
    pub(super) fn of(invocation: &Invocation<'a>) -> Reader<'a> {
        Reader { invocation: *invocation, facts: facts(invocation.name()).copied().collect() }
    }
}

pub(super) struct Subject<'a> {
    pub(super) text: &'a [u8],
    pub(super) place: OperandPlace,
    /// Certainty messages show it.
    pub(super) wording: Wording<'a>,
    /// The program that reads it.
    pub(super) invocation: Invocation<'a>,
    /// All words of the command line, and which of them this is.
    words: &'a [Word<'a>],
    index: usize,
    /// The facts about that program; `facts` also has those of guessed programs.
    own_facts: &'a [Fact],
    facts: Vec<Fact>,
    /// A shell on another machine reads it.
    pub(super) is_remote: bool,
    /// It follows a `--` of the program that reads it, so it is not an option.
    pub(super) is_behind_dashes: bool,
    /// One of the programs around it expands `$NAME` itself.
    is_expanded: bool,
}

impl<'a> Subject<'a> {
    pub(super) fn new(
        words: &'a [Word<'a>],
        index: usize,
        argument: &'a Argument<'a>,
        readers: &'a [Reader<'a>],
        is_behind_dashes: bool,
    ) -> Option<Subject<'a>> {
        let around = || readers.iter().filter(|reader| reader.invocation.contains(index));
        let reader = around().rfind(|reader| reader.invocation.certainty != Certainty::Guessed)?;
        // A guessed program, as among the operands of `docker exec`, counts like a known one where it permits a text.
        let start = reader.invocation.start;
        let guessed = around()
            .filter(|other| other.invocation.certainty == Certainty::Guessed && other.invocation.start >= start);
        let facts = std::iter::once(reader).chain(guessed).flat_map(|reader| reader.facts.iter().copied());
        let is_of_remote = |reader: &Reader<'_>| reader.invocation.certainty == Certainty::Remote;
        let is_remote = around().any(is_of_remote)
            || readers.iter().any(|inner| is_of_remote(inner) && inner.invocation.index == Some(index));
        Some(Subject {
            text: words[index].text,
            place: argument.place,
            wording: Wording::new(argument.holes),
            invocation: reader.invocation,
            words,
            index,
            own_facts: &reader.facts,
            facts: facts.collect(),
            is_remote,
            is_behind_dashes,
            is_expanded: around().any(|outer| outer.facts.contains(&Fact::Variables)),
        })
    }

    /// The declaration states that it is the value of an option, so most rules do not apply.
    pub(super) fn is_said(&self) -> bool {
        self.place == OperandPlace::Value
    }

    /// `text` for a message.
    pub(super) fn shown(&self, text: &[u8]) -> String {
        self.wording.shown(text)
    }

    /// `text` as Rust source.
    pub(super) fn source(&self, text: &[u8]) -> String {
        self.wording.source(text)
    }

    /// The argument marked `verbatim`; of a pair, its value.
    pub(super) fn verbatim(&self) -> String {
        let value = match self.text.iter().position(|byte| *byte == b'=') {
            Some(at) if self.place == OperandPlace::Pair => &self.text[at + 1..],
            _ => self.text,
        };
        format!("`verbatim({})`", self.source(value))
    }

    /// Whether the program itself interprets it.
    pub(super) fn is_read_by_program(&self, fact: Fact) -> bool {
        self.knows(fact) || self.knows(Fact::Language) || self.is_pattern()
    }

    /// Whether a program around it expands `$NAME` in it. Some programs do so only in operands.
    pub(super) fn expands_variables(&self) -> bool {
        self.is_expanded
            || self.knows(Fact::OwnVariables) && !self.text.starts_with(b"-")
            || self.is_read_by_program(Fact::Variables)
    }

    pub(super) fn knows(&self, fact: Fact) -> bool {
        self.facts.contains(&fact)
    }

    pub(super) fn facts(&self) -> impl Iterator<Item = Fact> {
        self.facts.iter().copied()
    }

    /// The facts about the program itself, without those of guessed programs.
    pub(super) fn own_facts(&self) -> impl Iterator<Item = Fact> {
        self.own_facts.iter().copied()
    }

    /// The word before it, if the same program reads that word.
    pub(super) fn previous(&self) -> Option<&'a [u8]> {
        let index = self.index.checked_sub(1).filter(|index| *index >= self.invocation.start)?;
        Some(self.words[index].text)
    }

    /// The words of the program before it.
    pub(super) fn before(&self) -> &'a [Word<'a>] {
        &self.words[self.invocation.start..self.index]
    }

    /// All words of the program.
    pub(super) fn siblings(&self) -> &'a [Word<'a>] {
        &self.words[self.invocation.start..self.invocation.end]
    }

    /// Whether it follows one of `options`, and so is its value.
    pub(super) fn is_value_of(&self, options: &[&str]) -> bool {
        self.previous().is_some_and(|previous| options.iter().any(|option| option.as_bytes() == previous))
    }

    /// Whether it is a pattern: the first operand of a program that takes one, or the value of `-e`.
    fn is_pattern(&self) -> bool {
        let mut valued = self.facts().filter_map(|fact| match fact {
            Fact::Pattern(valued) => Some(valued),
            _ => None,
        });
        let Some(valued) = valued.next() else { return false };
        if self.is_value_of(&["-e", "--regexp", "--expression", "-E", "-c", "-r", "--eval", "-f"]) {
            return true;
        }
        let mut is_value = false;
        for word in self.before() {
            let is_option = word.text.len() > 1 && word.text.starts_with(b"-");
            if !is_option && !is_value {
                return false;
            }
            let letter = if word.text.len() == 2 { word.text[1] } else { 0 };
            is_value = is_option && valued.as_bytes().contains(&letter);
        }
        !is_value && !self.text.starts_with(b"-")
    }
}
