//! Writes lines of a child's output to the log, at debug level and in bounded memory.

use crate::display::one_line_with_tabs;
use crate::secret::{Masker, Secrets};

/// A longer line is logged in pieces of this length.
const LONGEST: usize = 8 << 10;

/// The lines of one stream of one child, with secrets hidden.
pub(crate) struct Lines {
    program: String,
    pid: i32,
    stream: &'static str,
    /// `None` if there are no secrets.
    masker: Option<Masker>,
    line: Vec<u8>,
}

impl Lines {
    pub(crate) fn new(program: String, pid: i32, stream: &'static str, secrets: &Secrets) -> Lines {
        let program = secrets.hide_in_text(program);
        Lines { program, pid, stream, masker: secrets.masker(), line: Vec::new() }
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        match &mut self.masker {
            None => self.take_apart(bytes),
            Some(masker) => {
                let mut shown = Vec::new();
                masker.push(bytes, &mut shown);
                self.take_apart(&shown);
            }
        }
    }

    fn take_apart(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LONGEST - self.line.len();
            let end = bytes.iter().take(room).position(|byte| *byte == b'\n');
            self.line.extend_from_slice(&bytes[..end.unwrap_or(room.min(bytes.len()))]);
            match end {
                Some(end) => {
                    // The line ended with CR LF.
                    self.line.pop_if(|last| *last == b'\r');
                    self.emit(self.line.len());
                    bytes = &bytes[end + 1..];
                }
                None => {
                    bytes = &bytes[room.min(bytes.len())..];
                    if self.line.len() == LONGEST {
                        self.emit(LONGEST - begun_character(&self.line));
                    }
                }
            }
        }
    }

    /// Logs and removes the first `length` bytes of the line.
    fn emit(&mut self, length: usize) {
        let text = String::from_utf8_lossy(&self.line[..length]);
        write(&self.program, self.pid, self.stream, &one_line_with_tabs(&text));
        self.line.drain(..length);
    }
}

/// The length of an incomplete UTF-8 character at the end.
fn begun_character(text: &[u8]) -> usize {
    let last = text.iter().rev().take(3).position(|byte| *byte & 0xc0 != 0x80);
    let is_begun = |length: usize| text[text.len() - length].leading_ones() as usize > length;
    last.map(|before| before + 1).filter(|length| is_begun(*length)).unwrap_or(0)
}

/// Logs a last line that has no newline.
impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(mut masker) = self.masker.take() {
            let mut shown = Vec::new();
            // The child may have stopped in the middle of a secret.
            masker.finish(true, &mut shown);
            self.take_apart(&shown);
        }
        if !self.line.is_empty() {
            self.emit(self.line.len());
        }
    }
}

#[cfg(feature = "tracing")]
pub(crate) fn is_listened_to() -> bool {
    tracing::enabled!(target: "airtight", tracing::Level::DEBUG)
}

#[cfg(feature = "tracing")]
fn write(program: &str, pid: i32, stream: &str, line: &str) {
    tracing::debug!(target: "airtight", program, pid, stream, "{line}");
}

#[cfg(not(feature = "tracing"))]
pub(crate) fn is_listened_to() -> bool {
    false
}

#[cfg(not(feature = "tracing"))]
fn write(_: &str, _: i32, _: &str, _: &str) {}

#[cfg(test)]
mod tests {
    use super::begun_character;

    #[test]
    fn a_piece_ends_with_a_character() {
        for (text, begun) in [
            (&b""[..], 0),
            (b"abc", 0),
            ("ü".as_bytes(), 0),
            ("€".as_bytes(), 0),
            ("😀".as_bytes(), 0),
            (b"a\xc3", 1),
            (b"a\xe2\x82", 2),
            (b"a\xf0\x9f\x98", 3),
            (b"\x80\x80\x80\x80", 0),
            (b"\xff", 1),
        ] {
            assert_eq!(begun_character(text), begun, "{text:?}");
        }
    }
}
