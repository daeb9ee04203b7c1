//! The template of a `format!`: its text and its holes.

use crate::language::command_line::HOLE;
use proc_macro2::TokenTree;
use syn::{LitStr, Macro};

#[derive(Default)]
pub(crate) struct Template {
    /// The text, with a [`HOLE`] and a [mark](hole_mark) for each hole.
    pub(crate) text: Vec<u8>,
    /// The text between the braces of each hole.
    pub(crate) holes: Vec<String>,
}

/// The control character after a [`HOLE`] that identifies the hole. Texts do not contain it.
pub(crate) fn hole_mark(index: usize) -> char {
    char::from(0x80 + (index % 32) as u8)
}

impl Template {
    /// Reads the template. If it is not a literal, its whole text is unknown.
    pub(super) fn of(mac: &Macro) -> Template {
        let unknown = Template { text: vec![HOLE], holes: Vec::new() };
        let Some(TokenTree::Literal(first)) = mac.tokens.clone().into_iter().next() else { return unknown };
        syn::parse_str::<LitStr>(&first.to_string()).map_or(unknown, |text| Template::read(&text.value()))
    }

    fn read(template: &str) -> Template {
        let (mut read, mut rest) = (Template::default(), template);
        while let Some(at) = rest.find(['{', '}']) {
            let (before, behind) = (&rest[..at], &rest[at + 1..]);
            let brace = &rest[at..=at];
            read.text.extend(before.as_bytes());
            if let Some(behind) = behind.strip_prefix(brace) {
                read.text.extend(brace.as_bytes());
                rest = behind;
            } else if brace == "{" {
                let (hole, behind) = behind.split_once('}').unwrap_or((behind, ""));
                read.text.push(HOLE);
                read.text.extend(hole_mark(read.holes.len()).to_string().as_bytes());
                read.holes.push(hole.to_owned());
                rest = behind;
            } else {
                rest = behind;
            }
        }
        read.text.extend(rest.as_bytes());
        read
    }
}
