//! Malformed options: with the value in the same string, with a blank after the dash, or with a typographic dash.

use super::argv::OperandPlace;
use super::programs::Fact;
use super::subject::Subject;
use crate::check::finding::Finding;
use crate::language::command_line::HOLE;

/// `"-o ro"`, `"--depth 1"`: one argument, blank included.
pub(super) fn flag_with_value(subject: &Subject<'_>) -> Option<Finding> {
    let text = subject.text;
    let (flag, value) = split_at_blank(text)?;
    let is_long = flag.strip_prefix(b"--").is_some_and(is_word);
    let is_known = subject.own_facts().any(|fact| fact == Fact::Dashes);
    let is_short = match flag {
        [b'-', letter] => letter.is_ascii_alphabetic(),
        [b'-', letters @ ..] => is_known && is_word(letters) && letters.iter().all(u8::is_ascii_alphanumeric),
        _ => false,
    };
    if !is_long && !is_short || subject.is_said() || subject.place == OperandPlace::Pair {
        return None;
    }
    if subject.is_remote || subject.is_behind_dashes || takes_options_or_text(subject) {
        return None;
    }
    let (flag_source, value_source) = (subject.source(flag), subject.source(unquoted(value)));
    let way = match value.contains(&HOLE) {
        // In a pair, the computed part is the option's value, so it may begin with `-`.
        true => format!("write two arguments: `({flag_source}, {value_source})`"),
        false if is_long => {
            format!("write two arguments, `{flag_source}, {value_source}`, or one, `{flag_source} = {value_source}`")
        }
        false => format!("write two arguments: `{flag_source}, {value_source}`"),
    };
    Some(Finding {
        message: format!("`{}` is one argument, blank included: no option has this name", subject.shown(text)),
        help: format!("{way}; to pass it unchanged, {}", subject.verbatim()),
    })
}

/// The value without the quotes that a shell would remove.
fn unquoted(value: &[u8]) -> &[u8] {
    match value {
        [open @ (b'"' | b'\''), inner @ .., close] if open == close => inner,
        _ => value,
    }
}

fn split_at_blank(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let blank = text.iter().position(|byte| matches!(byte, b' ' | b'\t'))?;
    let value = text[blank..].trim_ascii();
    (!value.is_empty()).then_some((&text[..blank], value))
}

/// A letter, then letters, digits, `-`, `_` and `.`.
fn is_word(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_alphabetic)
        && text.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Whether it is the value of an option that takes prose, or options for another program (`--cflags`, `-ldflags`,
/// `-Xlinker`).
fn takes_options_or_text(subject: &Subject<'_>) -> bool {
    const TAKES_OPTIONS: [&str; 12] = [
        "flags",
        "args",
        "arg",
        "opts",
        "opt",
        "options",
        "arguments",
        "append",
        "cmdline",
        "linker",
        "clang",
        "params",
    ];
    const TAKES_TEXT: [&str; 12] = [
        "--message",
        "--title",
        "--body",
        "--comment",
        "--description",
        "--subject",
        "--text",
        "--notes",
        "--regexp",
        "--summary",
        "--reason",
        "--label",
    ];
    let Some(previous) = subject.previous().filter(|previous| previous.starts_with(b"-")) else { return false };
    let name = previous.to_ascii_lowercase();
    TAKES_OPTIONS.iter().any(|end| name.ends_with(end.as_bytes()))
        || TAKES_TEXT.iter().any(|option| option.as_bytes() == previous)
        || previous == b"-m" && subject.own_facts().any(|fact| matches!(fact, Fact::Subcommand(_)))
        || previous == b"-e" && subject.own_facts().any(|fact| matches!(fact, Fact::Pattern(_)))
}

/// `"- la"`.
pub(super) fn detached_dash(subject: &Subject<'_>) -> Option<Finding> {
    let letters = subject.text.strip_prefix(b"- ")?.trim_ascii_start();
    if !(1..=3).contains(&letters.len()) || !letters.iter().all(u8::is_ascii_alphabetic) || subject.is_said() {
        return None;
    }
    if subject.is_remote || subject.is_behind_dashes || takes_options_or_text(subject) {
        return None;
    }
    let option = [b"-", letters].concat();
    Some(Finding {
        message: "a blank follows the dash: no program parses this as an option".to_owned(),
        help: format!("write `{}`; to pass it unchanged, {}", subject.source(&option), subject.verbatim()),
    })
}

const DASHES: [char; 7] = ['\u{2010}', '\u{2011}', '\u{2012}', '\u{2013}', '\u{2014}', '\u{2015}', '\u{2212}'];
const QUOTES: [char; 6] = ['\u{2018}', '\u{2019}', '\u{201a}', '\u{201c}', '\u{201d}', '\u{201e}'];

/// `–la` with an en dash, `“hello”`.
pub(super) fn typographic_character(subject: &Subject<'_>) -> Option<Finding> {
    let text = std::str::from_utf8(subject.text).ok()?;
    let bare = text.trim_start_matches(|c| c == '-' || DASHES.contains(&c));
    let lead = &text[..text.len() - bare.len()];
    let dashes = if lead.contains(DASHES) { lead.chars().count() } else { 0 };
    let (option, rest) = bare.split_once([' ', '=']).unwrap_or((bare, ""));
    let is_option = option.starts_with(|first: char| first.is_ascii_alphabetic())
        && option.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        // Prose may begin with a dash too, and contains more words.
        && (rest.is_empty() || !bare.contains(' ') || option.len() == 1);
    if dashes > 0 && is_option {
        // Word processors replace two hyphens with one long dash.
        let dashes = if dashes == 1 && option.len() > 3 { "--" } else { "-" };
        return Some(Finding {
            message: "this is a typographic dash, not `-`".to_owned(),
            help: format!("write `\"{dashes}{bare}\"`; to pass it unchanged, {}", subject.verbatim()),
        });
    }
    let value = match text.split_once('=') {
        Some((option, value)) if option.starts_with('-') => value,
        _ => text,
    };
    let inner = value.strip_prefix(QUOTES)?.strip_suffix(QUOTES)?;
    if inner.is_empty() || inner.contains(QUOTES) || subject.is_read_by_program(Fact::Quotes) {
        return None;
    }
    let bare = text.replace(QUOTES, "");
    Some(Finding {
        message: "the typographic quotes are part of this argument".to_owned(),
        help: format!("write `{}`; to pass the quotes, {}", subject.source(bare.as_bytes()), subject.verbatim()),
    })
}

/// Options without a value that may precede a subcommand.
const SWITCHES: [&str; 22] = [
    "--user",
    "--system",
    "--global",
    "--quiet",
    "-q",
    "--verbose",
    "-v",
    "-vv",
    "--no-pager",
    "--yes",
    "-y",
    "--now",
    "--locked",
    "--offline",
    "--frozen",
    "--json",
    "--no-legend",
    "--debug",
    "-P",
    "--bare",
    "--no-color",
    "--no-block",
];

/// `git "commit -m"`: no subcommand has this name.
pub(super) fn subcommand_with_arguments(subject: &Subject<'_>) -> Option<Finding> {
    let valued = subject.own_facts().find_map(|fact| match fact {
        Fact::Subcommand(valued) => Some(valued),
        _ => None,
    })?;
    let is_option = |text: &[u8]| text.starts_with(b"-") || text.starts_with(b"+");
    // Some subcommands have subcommands of their own: `docker compose up`.
    const GROUPS: [&str; 20] = [
        "compose",
        "container",
        "image",
        "volume",
        "network",
        "buildx",
        "system",
        "remote",
        "stash",
        "submodule",
        "worktree",
        "toolchain",
        "component",
        "target",
        "flake",
        "profile",
        "addr",
        "link",
        "route",
        "connection",
    ];
    if subject.is_said() || subject.is_remote || is_option(subject.text) || !subject.text.contains(&b' ') {
        return None;
    }
    let first = *subject.text.first()?;
    if !first.is_ascii_lowercase() {
        return None;
    }
    let mut before = subject.before().iter();
    while let Some(word) = before.next() {
        let is_group = before.len() == 0 && GROUPS.iter().any(|group| group.as_bytes() == word.text);
        if !is_group && (word.is_list || !is_option(word.text)) {
            return None;
        }
        if is_group {
            break;
        } else if valued.iter().any(|option| option.as_bytes() == word.text) {
            before.next();
        } else if !word.text.starts_with(b"+")
            && !word.text.contains(&b'=')
            && !SWITCHES.iter().any(|switch| switch.as_bytes() == word.text)
        {
            // It may be the value of an unknown option.
            return None;
        }
    }
    // It is the value of a known option.
    if subject.is_value_of(valued) {
        return None;
    }
    let words: Vec<String> =
        subject.text.split(|byte| *byte == b' ').filter(|w| !w.is_empty()).map(|word| subject.source(word)).collect();
    Some(Finding {
        message: format!(
            "`{}` is one argument, blank included: `{}` has no such subcommand",
            subject.shown(subject.text),
            subject.shown(subject.invocation.name())
        ),
        help: format!("write `{}`; to pass it unchanged, {}", words.join(", "), subject.verbatim()),
    })
}
