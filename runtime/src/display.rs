//! Shows a command, quoted so that a POSIX shell reads the same words, with secrets hidden.

use crate::secret::HIDDEN;
use std::borrow::Cow;
use std::fmt::{self, Display, Formatter, Write};

/// One word of a command line, quoted if a shell needs it.
pub(crate) struct Quoted<'a> {
    text: &'a [u8],
    hidden: bool,
    first: bool,
}

impl<'a> Quoted<'a> {
    pub(crate) fn new(text: &'a [u8]) -> Quoted<'a> {
        Quoted { text, hidden: false, first: false }
    }

    /// The first word. A shell would take it for an assignment if it contained an unquoted `=`.
    pub(crate) fn program(text: &'a [u8]) -> Quoted<'a> {
        Quoted { text, hidden: false, first: true }
    }

    /// The visible part of a word, followed by `***`.
    pub(crate) fn hidden_behind(text: &'a [u8]) -> Quoted<'a> {
        Quoted { text, hidden: true, first: false }
    }
}

impl Display for Quoted<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if !self.text.is_empty() || !self.hidden {
            quote(f, self.text, self.first)?;
        }
        if self.hidden {
            f.write_str(HIDDEN)?;
        }
        Ok(())
    }
}

/// Bytes that no shell treats specially, at any position.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"_-./,:=@%+".contains(&byte)
}

fn quote(f: &mut Formatter<'_>, text: &[u8], first: bool) -> fmt::Result {
    if text.is_empty() {
        return f.write_str("''");
    }
    // Some shells expand `=word`.
    if text.iter().copied().all(is_plain) && text[0] != b'=' && !(first && text.contains(&b'=')) {
        return f.write_str(&String::from_utf8_lossy(text));
    }
    let mut open = false;
    for chunk in text.utf8_chunks() {
        for char in chunk.valid().chars() {
            match char {
                '\'' => outside(f, &mut open, "\\'")?,
                '\n' | '\t' => inside(f, &mut open, char)?,
                // Escaped, so that a terminal does not interpret it.
                control if is_unseen(control) => {
                    let mut bytes = [0; 4];
                    let bytes = control.encode_utf8(&mut bytes).as_bytes();
                    bytes.iter().try_for_each(|byte| octal(f, &mut open, *byte))?;
                }
                other => inside(f, &mut open, other)?,
            }
        }
        chunk.invalid().iter().try_for_each(|byte| octal(f, &mut open, *byte))?;
    }
    if open { f.write_char('\'') } else { Ok(()) }
}

fn inside(f: &mut Formatter<'_>, open: &mut bool, char: char) -> fmt::Result {
    if !std::mem::replace(open, true) {
        f.write_char('\'')?;
    }
    f.write_char(char)
}

fn outside(f: &mut Formatter<'_>, open: &mut bool, text: &str) -> fmt::Result {
    if std::mem::replace(open, false) {
        f.write_char('\'')?;
    }
    f.write_str(text)
}

/// A byte that cannot be shown is written with `printf`, which every POSIX shell has.
fn octal(f: &mut Formatter<'_>, open: &mut bool, byte: u8) -> fmt::Result {
    outside(f, open, "")?;
    write!(f, "\"$(printf '\\{byte:03o}')\"")
}

/// Whether a character is invisible or has an effect when it is shown: it controls a terminal, ends a line, changes the
/// direction of text, or makes different words look alike.
fn is_unseen(char: char) -> bool {
    let has_no_width =
        matches!(char, '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{feff}');
    let is_filler = matches!(char, '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}');
    let turns = matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2065}'..='\u{206f}');
    let ends_line = matches!(char, '\u{2028}' | '\u{2029}');
    let annotates = matches!(char, '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    char.is_control() || has_no_width || is_filler || turns || ends_line || annotates
}

/// Puts the text on one line, and escapes characters that are invisible or have an effect.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    escaped(text, is_unseen)
}

/// As [`one_line`], but keeps tabs.
pub(crate) fn one_line_with_tabs(text: &str) -> Cow<'_, str> {
    escaped(text, |char| char != '\t' && is_unseen(char))
}

fn escaped(text: &str, is_escaped: impl Fn(char) -> bool + Copy) -> Cow<'_, str> {
    if !text.contains(is_escaped) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    for char in text.chars() {
        match is_escaped(char) {
            true => line.extend(char.escape_default()),
            false => line.push(char),
        }
    }
    Cow::Owned(line)
}

/// Joins words with blanks. In the alternate form, each option begins a new line after a backslash.
pub(crate) fn join(f: &mut Formatter<'_>, words: impl Iterator<Item = (bool, String)>) -> fmt::Result {
    for (index, (breaks, word)) in words.enumerate() {
        match (index, breaks && f.alternate()) {
            (0, _) => {}
            (_, true) => f.write_str(" \\\n    ")?,
            (_, false) => f.write_char(' ')?,
        }
        f.write_str(&word)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::Quoted;

    #[test]
    fn quotes_what_a_shell_would_read_otherwise_and_nothing_else() {
        let quoted = |text: &str| Quoted::new(text.as_bytes()).to_string();
        assert_eq!(quoted("--conf-file=/etc/x.conf"), "--conf-file=/etc/x.conf");
        assert_eq!(quoted(""), "''");
        assert_eq!(quoted("a b"), "'a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted("$HOME*"), "'$HOME*'");
        assert_eq!(quoted("\x1b[1m"), r#""$(printf '\033')"'[1m'"#);
        assert_eq!(Quoted::new(b"\xff").to_string(), r#""$(printf '\377')""#);
    }
}
