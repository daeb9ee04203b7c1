//! Patterns that a shell would expand to file names.

use super::argv::OperandPlace;
use super::programs::Fact;
use super::subject::Subject;
use crate::check::finding::Finding;

/// `rm *.txt`: without a shell, the program looks for a file with exactly that name.
pub(super) fn glob(subject: &Subject<'_>) -> Option<Finding> {
    let text = subject.text;
    if !is_glob(text) || subject.is_said() || subject.place == OperandPlace::Pair || subject.is_remote {
        return None;
    }
    let valued = subject.own_facts().find_map(|fact| match fact {
        Fact::Files(valued) => Some(valued),
        _ => None,
    })?;
    if text.starts_with(b"-") && !subject.is_behind_dashes || subject.is_read_by_program(Fact::Language) {
        return None;
    }
    // The option before it may take a pattern (`--exclude`, `ls -I`), and tar matches names itself with `--wildcards`.
    let is_value = subject.previous().is_some_and(|previous| match previous {
        [b'-', b'-', _, ..] => !previous.contains(&b'='),
        [b'-', .., last] => valued.as_bytes().contains(last),
        _ => false,
    });
    let matches_itself = subject.siblings().iter().any(|word| word.text.starts_with(b"--wildcards"));
    // `host:pattern` is expanded on that host.
    let is_remote = text.iter().position(|byte| *byte == b':').is_some();
    if is_value || matches_itself || is_remote {
        return None;
    }
    let program = subject.shown(subject.invocation.name());
    Some(Finding {
        message: format!(
            "`{}` is not expanded: `{program}` looks for a file with exactly that name",
            subject.shown(text)
        ),
        help: match text.contains(&b'{') {
            true => format!("write each name separately; to pass it unchanged, {}", subject.verbatim()),
            false => format!(
                "list the directory with `std::fs::read_dir` and pass the matching names, `..paths`; to pass it \
                unchanged, {}",
                subject.verbatim()
            ),
        },
    })
}

/// `*`, `?`, a range in brackets or a choice in braces.
fn is_glob(text: &[u8]) -> bool {
    let range = || {
        let open = text.iter().position(|byte| *byte == b'[')?;
        let close = text[open..].iter().position(|byte| *byte == b']')?;
        let inside = &text[open + 1..open + close];
        Some(inside.len() > 2 && inside[1..inside.len() - 1].contains(&b'-'))
    };
    let choice = || {
        let open = text.iter().position(|byte| *byte == b'{')?;
        let close = text[open..].iter().position(|byte| *byte == b'}')?;
        Some(text[open..open + close].contains(&b','))
    };
    choice().unwrap_or(false) || text.contains(&b'*') || text.contains(&b'?') || range().unwrap_or(false)
}
