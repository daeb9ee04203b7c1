//! Shells, programs that pass a script to a shell (`su -c`), and their options that take a script.

use super::invocation::Invocation;
use super::script::{Kind, Read, Script};
use super::word::{Word, is_one_of, program_name};

pub(super) struct Shell {
    pub(super) names: &'static [&'static str],
    style: Style,
}

enum Style {
    /// `-c`, also in a cluster (`-lc`), before the first operand; or a long option of `script`.
    Letters {
        /// Letters of options whose value is the next word.
        short: &'static str,
        /// Long options whose value is the next word.
        long: &'static [&'static str],
        script: &'static [&'static str],
    },
    /// `-c`, also at the end of a cluster (`-lc`), or one of these options, after any words.
    Words(&'static [&'static str]),
    /// `/c` and `/k`, ignoring case, also after other switches (`/s/c`).
    Cmd,
    /// Any prefix of `-Command` and `-EncodedCommand`, ignoring case.
    PowerShell,
}

/// Shells that support `shell_script`: they take `-c`, the script, `$0` and its arguments.
pub(crate) const TAKES_ARGUMENTS: &[&str] = &["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"];

const POSIX: Style = Style::Letters { short: "oO", long: &["--rcfile", "--init-file", "--emulate"], script: &[] };

const MODERN: Style = Style::Letters {
    short: "Cdfoe",
    long: &["--init-command", "--config", "--env-config", "--features", "--log-level"],
    script: &["--command", "--commands"],
};

const SHELLS: &[Shell] = &[
    Shell { names: TAKES_ARGUMENTS, style: POSIX },
    Shell {
        names: &[
            "oksh",
            "lksh",
            "pdksh",
            "yash",
            "posh",
            "rbash",
            "rksh",
            "rzsh",
            "hush",
            "bosh",
            "csh",
            "tcsh",
            "git-shell",
        ],
        style: POSIX,
    },
    Shell { names: &["fish", "elvish", "xonsh"], style: MODERN },
    Shell { names: &["nu", "ion", "osh", "ysh", "rc", "es"], style: MODERN },
    Shell { names: &["pwsh", "powershell", "pwsh-preview"], style: Style::PowerShell },
    Shell { names: &["cmd"], style: Style::Cmd },
    Shell { names: &["su", "runuser"], style: Style::Words(&["--command", "--session-command"]) },
    Shell { names: &["script", "sg"], style: Style::Words(&["--command"]) },
    Shell {
        names: &["flock"],
        style: Style::Letters {
            short: "wE",
            long: &["--wait", "--timeout", "--conflict-exit-code"],
            script: &["--command"],
        },
    },
    Shell { names: &["capsh"], style: Style::Words(&[]) },
];

pub(super) fn find(name: &[u8]) -> Option<&'static Shell> {
    SHELLS.iter().find(|shell| is_one_of(name, shell.names))
}

/// The name of the shell, if `program` supports `shell_script`.
pub(crate) fn name_of_shell(program: &[u8]) -> Option<&'static str> {
    let name = program_name(program);
    TAKES_ARGUMENTS.iter().find(|shell| shell.as_bytes() == name).copied()
}

impl Shell {
    /// Whether a word of this name denotes the shell in any place. Short names may also be those of containers or
    /// remotes.
    pub(super) fn is_unmistakable(&self) -> bool {
        !matches!(self.style, Style::Words(_)) && self.names.iter().all(|name| *name == "sh" || name.len() > 2)
    }

    pub(super) fn script(&self, invocation: &Invocation<'_>, words: &[Word<'_>], mut read: Read<'_>) -> Option<Script> {
        let mut unread = (invocation.start..invocation.end).take_while(|index| !read.again(*index));
        let option = match &self.style {
            Style::Letters { short, long, script } => {
                // `flock` takes the locked file before `-c`.
                let operands = usize::from(is_one_of(invocation.name(), &["flock"]));
                behind_options(invocation, words, Options { short, long, script }, operands, read)?
            }
            Style::Words(options) => unread.find(|index| {
                let text = words[*index].text;
                ends_in_c(text) || options.iter().any(|option| is_option(text, option))
            })?,
            Style::Cmd => unread.find(|index| is_cmd_switch(words[*index].text))?,
            Style::PowerShell => unread.find(|index| is_command(words[*index].text))?,
        };
        let attached = words[option].text.starts_with(b"--") && words[option].text.contains(&b'=');
        let dashes = words.get(option + 1).is_some_and(|next| next.text == b"--");
        let next = option + if dashes { 2 } else { 1 };
        let script = if attached { Some(option) } else { Some(next).filter(|next| *next < invocation.end) };
        Some(Script { kind: Kind::Shell, program: invocation.index, option: Some(option), script })
    }
}

#[derive(Clone, Copy)]
struct Options<'a> {
    short: &'a str,
    long: &'a [&'a str],
    script: &'a [&'a str],
}

/// The option that takes a script, after at most `operands` operands.
fn behind_options(
    invocation: &Invocation<'_>,
    words: &[Word<'_>],
    options: Options<'_>,
    mut operands: usize,
    mut read: Read<'_>,
) -> Option<usize> {
    let mut index = invocation.start;
    while index < invocation.end && !read.again(index) {
        let word = &words[index];
        let text = word.text;
        if word.is_list || (word.is_unknown() && word.is_verbatim) {
            // It may be options, so the search continues.
            index += 1;
        } else if text == b"--" {
            return None;
        } else if text.starts_with(b"--") {
            if options.script.iter().any(|option| is_option(text, option)) {
                return Some(index);
            }
            index += if options.long.iter().any(|long| long.as_bytes() == text) { 2 } else { 1 };
        } else if text.len() > 1 && (text[0] == b'-' || text[0] == b'+') {
            let letters = &text[1..];
            let is_letters = letters.iter().all(u8::is_ascii_alphabetic);
            if text[0] == b'-' && is_letters && letters.contains(&b'c') {
                return Some(index);
            }
            let takes_next = is_letters && letters.last().is_some_and(|last| options.short.as_bytes().contains(last));
            index += if takes_next { 2 } else { 1 };
        } else if operands > 0 {
            (operands, index) = (operands - 1, index + 1);
        } else {
            return None;
        }
    }
    None
}

fn ends_in_c(text: &[u8]) -> bool {
    matches!(text, [b'-', letters @ .., b'c'] if letters.iter().all(u8::is_ascii_alphabetic))
}

fn is_option(text: &[u8], option: &str) -> bool {
    match text.strip_prefix(option.as_bytes()) {
        Some(rest) => rest.is_empty() || (option.starts_with("--") && rest.starts_with(b"=")),
        None => false,
    }
}

fn is_cmd_switch(text: &[u8]) -> bool {
    text.starts_with(b"/") && text.len() <= 9 && {
        let last = text.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        [&b"c"[..], b"k", b"r"].iter().any(|switch| last.eq_ignore_ascii_case(switch))
    }
}

fn is_command(text: &[u8]) -> bool {
    let name = text.strip_prefix(b"--").or_else(|| text.strip_prefix(b"-")).or_else(|| text.strip_prefix(b"/"));
    let begins = |option: &[u8], least: usize| {
        name.is_some_and(|name| {
            name.len() >= least
                && option.get(..name.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(name))
        })
    };
    // `-e`, `-ec` and `-enc` abbreviate `-EncodedCommand`; `-ExecutionPolicy` and `-Configuration…` are other options.
    begins(b"command", 1) || begins(b"commandwithargs", 8) || begins(b"encodedcommand", 1) || begins(b"ec", 2)
}
