//! Syntax that only a shell interprets: operators, variables, `~`, quotes, backslashes.

use super::argv::OperandPlace;
use super::programs::Fact;
use super::subject::Subject;
use crate::check::finding::Finding;
use crate::language::command_line::program::variable;

/// `|`, `&&`, `> file`: passed to the program as arguments.
pub(super) fn shell_operator(subject: &Subject<'_>) -> Option<Finding> {
    let text = subject.text;
    if !is_operator(text) && !is_redirection(text) {
        return None;
    }
    let taken = |known: &[&str]| known.iter().any(|operator| operator.as_bytes() == text);
    let excused = subject.is_said()
        || subject.is_remote
        || subject.is_read_by_program(Fact::Operators(&[])) && !subject.knows(Fact::Language)
        || subject.facts().any(|fact| match fact {
            Fact::Operators(known) => taken(known),
            Fact::Separators(options) => subject.is_value_of(options),
            _ => false,
        })
        || subject.is_value_of(&["--delimiter", "--separator", "--field-separator", "--ifs", "--ofs", "-IFS"]);
    if excused {
        return None;
    }
    Some(Finding {
        message: format!("`{}` is shell syntax, and no shell interprets this argument", subject.shown(text)),
        help: format!("{}; if the program itself reads it, {}", instead(subject), subject.verbatim()),
    })
}

fn is_operator(text: &[u8]) -> bool {
    const OPERATORS: [&[u8]; 18] = [
        b"|", b"||", b"|&", b"&", b"&&", b";", b";;", b">", b">>", b">|", b"<", b"<<", b"<<<", b"<>", b"&>", b"&>>",
        b">&", b"<&",
    ];
    OPERATORS.contains(&text)
}

/// `2>&1`, `>/dev/null`, `<(…)`; not a comparison (`>=1.0`), not markup (`<b>`).
fn is_redirection(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let numbered = (1..=2).contains(&digits) || text.starts_with(b"&>");
    let rest = &text[if text.starts_with(b"&>") { 1 } else { digits }..];
    if digits > 2 || !matches!(rest.first(), Some(b'<' | b'>')) {
        return false;
    }
    if matches!(rest, [b'<' | b'>', b'(', .., b')']) {
        return digits == 0;
    }
    let target = rest.strip_prefix(b">>").or_else(|| rest.strip_prefix(b">|")).unwrap_or(&rest[1..]);
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"_./-~$\0".contains(byte);
    match target {
        [] => numbered,
        [b'&', fd @ ..] => fd.iter().all(|byte| byte.is_ascii_digit() || *byte == b'-'),
        [b'/' | b'.' | b'~' | b'$', ..] => target.iter().all(is_word),
        [first, ..] if first.is_ascii_alphabetic() => {
            target.iter().all(is_word) && (numbered || target.contains(&b'.') || target.contains(&b'/'))
        }
        _ => false,
    }
}

fn instead(subject: &Subject<'_>) -> String {
    let text = subject.text;
    let target = text.iter().rposition(|byte| matches!(byte, b'<' | b'>')).map_or(&[][..], |at| &text[at + 1..]);
    let stream = match text[0] {
        b'2' => "stderr",
        b'&' if text.starts_with(b"&>") => "stdio",
        _ => "stdout",
    };
    match text {
        [b'2', b'>', b'&', b'1'] => "declare `stderr: stdout`".to_owned(),
        b"|" | b"|&" => {
            "declare a pipe: `stdout: pipe` here, and `stdin: fd(…)` for the command that reads it".to_owned()
        }
        b"&&" | b"||" | b";" | b";;" => "run one command after the other, with `?` or `if` between them".to_owned(),
        b"&" => "to continue while it runs, call `.spawn()` or `.background()`".to_owned(),
        [b'<' | b'>', b'(', ..] => {
            "pass the data as a descriptor: `fds: [name = data(bytes)]` and `fd(name)`".to_owned()
        }
        _ if target == b"/dev/null" => format!("declare `{}: null`", if text[0] == b'<' { "stdin" } else { stream }),
        _ if text[0] == b'<' => format!("declare `stdin: file({})`", file(subject, target)),
        _ if text.windows(2).any(|two| two == b">>") => {
            format!("declare `{stream}: append({})`", file(subject, target))
        }
        _ if target.starts_with(b"&") => "declare `stdout` and `stderr`".to_owned(),
        _ => format!("declare `{stream}: file({})`", file(subject, target)),
    }
}

fn file(subject: &Subject<'_>, target: &[u8]) -> String {
    if target.is_empty() { "path".to_owned() } else { subject.source(target) }
}

/// `$HOME`, `$(date)`: passed without expansion.
pub(super) fn shell_variable(subject: &Subject<'_>) -> Option<Finding> {
    if subject.text.iter().any(u8::is_ascii_whitespace) {
        return None;
    }
    let part = variable(subject.text)?;
    if subject.is_remote || subject.expands_variables() {
        return None;
    }
    let name = part[1..].iter().copied().filter(|byte| !b"{}()`".contains(byte)).collect::<Vec<_>>();
    let instead = match part {
        [b'$', b'(', ..] | [b'`', ..] => "run that program first, and pass its output".to_owned(),
        [b'$', special] if !special.is_ascii_alphabetic() => "pass the value itself".to_owned(),
        _ => format!("pass its value: `std::env::var_os(\"{}\")`", subject.shown(&name)),
    };
    let what = match part {
        [b'`', ..] => "the command in backticks is not run".to_owned(),
        [b'$', b'(', ..] => format!("`{}` is not run", subject.shown(part)),
        _ => format!("`{}` is not expanded", subject.shown(part)),
    };
    Some(Finding {
        message: format!("{what}: no shell interprets this argument"),
        help: format!("{instead}; if the program itself expands it, {}", subject.verbatim()),
    })
}

/// `~`, `~/…`, `~user/…`, `--option=~/…`.
pub(super) fn tilde(subject: &Subject<'_>) -> Option<Finding> {
    let value = match subject.text.windows(2).position(|two| two == b"=~") {
        Some(at) if subject.text[..at].iter().all(|byte| byte.is_ascii_graphic()) => &subject.text[at + 1..],
        _ => subject.text,
    };
    let rest = value.strip_prefix(b"~")?;
    let user = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let is_home = match rest.get(user) {
        Some(b'/') => user == 0 || !rest[0].is_ascii_digit(),
        None => user == 0,
        _ => false,
    };
    let is_read = subject.is_remote || subject.knows(Fact::Language) && subject.text.len() != value.len();
    if !is_home || is_read || rest == b"/" && subject.knows(Fact::Language) {
        return None;
    }
    let home = &value[..=user];
    Some(Finding {
        message: format!("`{}` is not expanded: no shell interprets this argument", subject.shown(home)),
        help: format!(
            "write the directory's path, or join it to `std::env::home_dir()`; to pass it unchanged, {}",
            subject.verbatim()
        ),
    })
}

/// Quotes around the whole argument, or around the value in `--option="…"`.
pub(super) fn quoted_argument(subject: &Subject<'_>) -> Option<Finding> {
    let value = match subject.text.iter().position(|byte| *byte == b'=') {
        Some(at) if subject.text.starts_with(b"--") || subject.place == OperandPlace::Pair => &subject.text[at + 1..],
        _ => subject.text,
    };
    let [open @ (b'"' | b'\''), inner @ .., close] = value else { return None };
    if open != close || inner.contains(open) || inner.is_empty() {
        return None;
    }
    if subject.is_remote || subject.is_read_by_program(Fact::Quotes) {
        return None;
    }
    let before = &subject.text[..subject.text.len() - value.len()];
    let bare = if subject.place == OperandPlace::Pair { inner.to_vec() } else { [before, inner].concat() };
    Some(Finding {
        message: "the quotes are part of this argument: no shell removes them".to_owned(),
        help: format!("write `{}`; to pass the quotes, {}", subject.source(&bare), subject.verbatim()),
    })
}

/// A backslash before a blank.
pub(super) fn escaped_blank(subject: &Subject<'_>) -> Option<Finding> {
    if !subject.text.windows(2).any(|two| two == b"\\ ") {
        return None;
    }
    if subject.is_remote || subject.is_read_by_program(Fact::Backslashes) {
        return None;
    }
    let bare = String::from_utf8_lossy(subject.text).replace("\\ ", " ").into_bytes();
    Some(Finding {
        message: "the backslash is part of this argument: no shell removes it".to_owned(),
        help: format!("write `{}`; to pass the backslash, {}", subject.source(&bare), subject.verbatim()),
    })
}
