//! Interpreters of languages other than the shell. Only a computed script is refused.

use super::invocation::Invocation;
use super::script::{Kind, Read, Script};
use super::word::{Word, is_one_of};

pub(super) struct Interpreter {
    pub(super) names: &'static [&'static str],
    takes: Takes,
}

enum Takes {
    /// The value of a letter, which may end a cluster (`-ne`), or of one of these long options.
    Option { letters: &'static str, words: &'static [&'static str] },
    /// The first operand, unless an option of `file` is present. `valued` has the letters whose value is the next word.
    Operand { valued: &'static str, file: &'static [&'static str] },
    /// The operand after this word.
    Subcommand(&'static str),
}

const INTERPRETERS: &[Interpreter] = &[
    Interpreter { names: &["perl"], takes: Takes::Option { letters: "eE", words: &[] } },
    Interpreter { names: &["python", "pypy", "micropython"], takes: Takes::Option { letters: "c", words: &[] } },
    Interpreter { names: &["ruby", "jruby", "irb"], takes: Takes::Option { letters: "e", words: &[] } },
    Interpreter {
        names: &["node", "nodejs", "bun"],
        takes: Takes::Option { letters: "ep", words: &["--eval", "--print"] },
    },
    Interpreter { names: &["php"], takes: Takes::Option { letters: "rBRE", words: &["--run"] } },
    Interpreter { names: &["lua", "luajit", "texlua"], takes: Takes::Option { letters: "e", words: &[] } },
    Interpreter { names: &["julia"], takes: Takes::Option { letters: "eE", words: &["--eval", "--print"] } },
    Interpreter { names: &["Rscript", "R", "elixir", "racket", "groovy", "scala", "raku"], takes: E_ALONE },
    Interpreter { names: &["guile", "expect"], takes: Takes::Option { letters: "c", words: &[] } },
    Interpreter { names: &["erl"], takes: Takes::Option { letters: "", words: &["-eval"] } },
    Interpreter { names: &["deno"], takes: Takes::Subcommand("eval") },
    Interpreter {
        names: &["awk", "gawk", "mawk", "nawk", "original-awk", "goawk"],
        takes: Takes::Operand { valued: "Fvfilen", file: &["-f", "--file", "-E", "--exec"] },
    },
];

const E_ALONE: Takes = Takes::Option { letters: "e", words: &["--eval"] };

pub(super) fn find(name: &[u8]) -> Option<&'static Interpreter> {
    INTERPRETERS.iter().find(|interpreter| is_one_of(name, interpreter.names))
}

impl Interpreter {
    /// Whether a word of this name denotes the interpreter in any place.
    pub(super) fn is_unmistakable(&self) -> bool {
        matches!(self.takes, Takes::Option { .. })
    }

    /// A script that is computed in whole or in part.
    pub(super) fn script(&self, invocation: &Invocation<'_>, words: &[Word<'_>], read: Read<'_>) -> Option<Script> {
        let (option, script) = match &self.takes {
            Takes::Option { letters, words: options } => {
                let wanted = |text: &[u8]| is_script_option(text, letters, options);
                let option = first_option(invocation, words, wanted, read)?;
                let attached = words[option].text.contains(&b'=');
                (Some(option), if attached { option } else { option + 1 })
            }
            Takes::Subcommand(word) => {
                let at = (invocation.start..invocation.end).find(|index| words[*index].text == word.as_bytes())?;
                (Some(at), at + 1)
            }
            Takes::Operand { valued, file } => (None, first_operand(invocation, words, valued, file)?),
        };
        let word = words[..invocation.end].get(script)?;
        (word.is_computed && !word.is_list).then_some(Script {
            kind: Kind::Interpreter,
            program: invocation.index,
            option,
            script: Some(script),
        })
    }
}

/// The first word for which `wanted` holds, among the options before the first operand.
fn first_option(
    invocation: &Invocation<'_>,
    words: &[Word<'_>],
    wanted: impl Fn(&[u8]) -> bool,
    mut read: Read<'_>,
) -> Option<usize> {
    let mut index = invocation.start;
    while index < invocation.end && !read.again(index) && (words[index].is_unknown() || words[index].is_option()) {
        if wanted(words[index].text) {
            return Some(index);
        }
        // Options with a value in the next word, such as search paths and modules.
        index += if [&b"-I"[..], b"-W", b"-X", b"-r"].contains(&words[index].text) { 2 } else { 1 };
    }
    None
}

fn is_script_option(text: &[u8], letters: &str, words: &[&str]) -> bool {
    let long = words.iter().any(|word| match text.strip_prefix(word.as_bytes()) {
        Some(rest) => rest.is_empty() || rest.starts_with(b"="),
        None => false,
    });
    let short = match text {
        [b'-', cluster @ .., last] => {
            cluster.iter().all(u8::is_ascii_alphanumeric) && letters.as_bytes().contains(last)
        }
        _ => false,
    };
    long || short
}

fn first_operand(invocation: &Invocation<'_>, words: &[Word<'_>], valued: &str, file: &[&str]) -> Option<usize> {
    let mut index = invocation.start;
    while index < invocation.end {
        let word = &words[index];
        let text = word.text;
        if word.is_list || file.iter().any(|option| option.as_bytes() == text) || text.starts_with(b"--file=") {
            return None;
        }
        if text == b"--" {
            return Some(index + 1);
        }
        if !word.is_option() {
            return Some(index);
        }
        // In `-F:` the value is attached.
        let takes_next = text.len() == 2 && valued.as_bytes().contains(&text[1]);
        index += if takes_next { 2 } else { 1 };
    }
    None
}
