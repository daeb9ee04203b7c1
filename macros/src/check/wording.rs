//! Formats texts for messages: as plain text, and as Rust source.

use crate::language::command_line::HOLE;
use crate::syntax::format::hole_mark;

/// Formats the texts of one value, whose holes have names.
#[derive(Clone, Copy)]
pub(super) struct Wording<'a> {
    holes: &'a [String],
}

impl<'a> Wording<'a> {
    pub(super) fn new(holes: &'a [String]) -> Wording<'a> {
        Wording { holes }
    }

    /// Plain text: holes as they are written in the source, control characters escaped.
    pub(super) fn shown(self, text: &[u8]) -> String {
        let text = self.with_holes(&String::from_utf8_lossy(text));
        text.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
    }

    /// Rust source: a literal, a `format!`, or a variable if the text is one hole.
    pub(super) fn source(self, text: &[u8]) -> String {
        if !text.contains(&HOLE) {
            return format!("{:?}", String::from_utf8_lossy(text));
        }
        let doubled = String::from_utf8_lossy(text).replace('{', "{{").replace('}', "}}");
        let filled = self.with_holes(&doubled);
        match filled.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
            Some(name) if is_name(name) => return name.to_owned(),
            Some("") => return "value".to_owned(),
            _ => {}
        }
        let by_place = self.holes.iter().any(|hole| !is_name(hole.split(':').next().unwrap_or_default()));
        format!("format!({filled:?}{})", if by_place { ", …" } else { "" })
    }

    fn with_holes(self, text: &str) -> String {
        let mut text = text.to_owned();
        for (index, hole) in self.holes.iter().enumerate() {
            let mark: String = [HOLE as char, hole_mark(index)].iter().collect();
            text = text.replacen(&mark, &format!("{{{hole}}}"), 1);
        }
        text.replace(HOLE as char, "{}")
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_alphabetic() || c == '_') && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}
