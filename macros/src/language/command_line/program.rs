//! Detects texts that cannot be the path or the name of a program.

use super::word::{HOLE, program_name};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ProgramFault {
    Empty,
    /// A relative path with a slash.
    Relative,
    /// `NAME=value`.
    Assignment,
    /// `~/…`.
    Tilde,
    /// `$NAME`.
    Variable,
    /// A shell builtin: `cd`, `export`.
    Builtin,
    /// A shell keyword: `if`, `for`.
    Keyword,
    /// A program and its arguments in one string.
    CommandLine,
    /// A character that only a shell interprets.
    ShellCharacter(u8),
}

/// Builtins for which no system has a program that does the same.
const BUILTINS: [&str; 43] = [
    "cd", "source", ".", ":", "eval", "exec", "export", "unset", "set", "shift", "alias", "unalias", "trap", "ulimit",
    "umask", "wait", "jobs", "fg", "bg", "disown", "local", "declare", "typeset", "readonly", "return", "break",
    "continue", "exit", "pushd", "popd", "dirs", "history", "builtin", "command", "type", "hash", "let", "shopt",
    "bind", "complete", "getopts", "read", "mapfile",
];

const KEYWORDS: [&str; 12] =
    ["if", "then", "else", "fi", "for", "while", "until", "do", "done", "case", "esac", "function"];

/// The fault of `program`, if any. A [`HOLE`] matches any text.
pub(crate) fn fault(program: &[u8]) -> Option<ProgramFault> {
    let Some(&first) = program.first() else { return Some(ProgramFault::Empty) };
    let absolute = first == b'/' || first == HOLE;
    if let Some(fault) = shell_word(program, first) {
        return Some(fault);
    }
    if is_command_line(program, absolute) {
        return Some(ProgramFault::CommandLine);
    }
    let odd = |byte: &u8| b"|;<>`*?\"'&()\\!".contains(byte);
    // Names of directories may contain `(` or `&`: an absolute path is refused only for characters that paths lack.
    let odd_in_a_path = |byte: &u8| b"|;<>`*?\"".contains(byte);
    let shell_character = match absolute {
        true => program.iter().find(|byte| odd_in_a_path(byte)),
        false => program.iter().find(|byte| odd(byte)),
    };
    if let Some(byte) = shell_character {
        return Some(ProgramFault::ShellCharacter(*byte));
    }
    (!absolute && program.contains(&b'/')).then_some(ProgramFault::Relative)
}

/// The fault of a program marked `verbatim`, whose name may contain a blank or a `$`.
pub(crate) fn fault_of_verbatim(program: &[u8]) -> Option<ProgramFault> {
    match program.first() {
        None => Some(ProgramFault::Empty),
        Some(b'/' | &HOLE) => None,
        Some(_) => program.contains(&b'/').then_some(ProgramFault::Relative),
    }
}

fn shell_word(program: &[u8], first: u8) -> Option<ProgramFault> {
    if first == b'~' {
        return Some(ProgramFault::Tilde);
    }
    if variable(program).is_some() {
        return Some(ProgramFault::Variable);
    }
    if assignment(program).is_some() {
        return Some(ProgramFault::Assignment);
    }
    let is_in = |words: &[&str]| words.iter().any(|word| word.as_bytes() == program);
    if is_in(&BUILTINS) {
        return Some(ProgramFault::Builtin);
    }
    is_in(&KEYWORDS).then_some(ProgramFault::Keyword)
}

/// Whether `program` contains arguments. An absolute path may contain a blank in the name of a directory: it counts as
/// a command line if the part before the blank is in a `bin` directory, or if an option or operator follows the blank.
fn is_command_line(program: &[u8], absolute: bool) -> bool {
    let Some(blank) = program.iter().position(u8::is_ascii_whitespace) else { return false };
    if !absolute {
        return true;
    }
    let (command, rest) = (&program[..blank], program[blank..].trim_ascii_start());
    let folder = command.strip_suffix(program_name(command)).unwrap_or_default();
    let in_bin = [&b"/bin/"[..], b"/sbin/", b"/libexec/"].iter().any(|bin| folder.ends_with(bin));
    in_bin || rest.starts_with(b"-") || rest.starts_with(b"&&") || rest.starts_with(b"|")
}

/// The name in `NAME=value`.
pub(crate) fn assignment(word: &[u8]) -> Option<&[u8]> {
    let name = &word[..word.iter().position(|byte| *byte == b'=')?];
    let is_name = name.first().is_some_and(|first| !first.is_ascii_digit()) && name.iter().all(|b| is_name_byte(*b));
    is_name.then_some(name)
}

pub(crate) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// The part of `text` that a shell would expand: `$NAME`, `${…}`, `$(…)` or a command in backticks. Not counted: a `$`
/// directly after a letter or digit (`Outer$Inner`), the linker's variables (`$ORIGIN`), and a hashed password. Special
/// parameters (`$@`, `$1`) count only as the whole text.
pub(crate) fn variable(text: &[u8]) -> Option<&[u8]> {
    if is_crypt(text) {
        return None;
    }
    if let Some(from) = text.iter().position(|byte| *byte == b'`')
        && let Some(length) = text[from + 1..].iter().position(|byte| *byte == b'`')
    {
        return Some(&text[from..from + length + 2]);
    }
    // Special parameters of a shell.
    if let [b'$', special] = text
        && b"@*#?!$0123456789".contains(special)
    {
        return Some(text);
    }
    // Searched once, so that many unclosed `$(` do not make the scan quadratic.
    let last = |byte: u8| text.iter().rposition(|other| *other == byte).unwrap_or(0);
    let (last_parenthesis, last_brace) = (last(b')'), last(b'}'));
    let mut from = 0;
    while let Some(at) = text[from..].iter().position(|byte| *byte == b'$').map(|at| from + at) {
        let behind = &text[at + 1..];
        let close = match behind.first() {
            Some(b'(') => Some((b')', last_parenthesis)),
            Some(b'{') => Some((b'}', last_brace)),
            _ => None,
        };
        let length = match close {
            Some((_, last)) if last < at => 0,
            Some((close, _)) => behind.iter().position(|byte| *byte == close).map_or(0, |end| end + 1),
            None if at > 0 && text[at - 1].is_ascii_alphanumeric() => 0,
            None if behind.first().is_some_and(u8::is_ascii_digit) => 0,
            None => behind.iter().take_while(|byte| is_name_byte(**byte)).count(),
        };
        let name = behind[..length].trim_ascii().strip_prefix(b"{").and_then(|name| name.strip_suffix(b"}"));
        let name = name.unwrap_or(&behind[..length]);
        if length > 0 && ![&b"ORIGIN"[..], b"LIB", b"PLATFORM"].contains(&name) {
            return Some(&text[at..at + 1 + length]);
        }
        from = at + 1;
    }
    None
}

/// Whether a second `$` closes the first, as in `$6$salt$hash`, `$y$…` and `$formula$`.
fn is_crypt(text: &[u8]) -> bool {
    let Some(rest) = text.strip_prefix(b"$") else { return false };
    let name = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
    name > 0 && rest.get(name) == Some(&b'$')
}
