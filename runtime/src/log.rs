//! Lines of a child's output, to the log at debug level, in bounded memory.

use crate::secret::{Cut, Secrets};
use std::rc::Rc;

/// A longer line is logged in pieces of this length.
const LONGEST: usize = 8 << 10;

/// The lines of one stream of one child.
pub(crate) struct Lines {
    program: String,
    pid: i32,
    stream: &'static str,
    secrets: Rc<Secrets>,
    line: Vec<u8>,
    /// The line was begun in a piece that is logged already.
    continued: bool,
}

impl Lines {
    pub(crate) fn new(program: String, pid: i32, stream: &'static str, secrets: Rc<Secrets>) -> Lines {
        Lines { program, pid, stream, secrets, line: Vec::new(), continued: false }
    }

    pub(crate) fn push(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            let room = LONGEST - self.line.len();
            let end = bytes.iter().take(room).position(|byte| *byte == b'\n');
            self.line.extend_from_slice(&bytes[..end.unwrap_or(room.min(bytes.len()))]);
            match end {
                Some(end) => {
                    self.emit(false);
                    bytes = &bytes[end + 1..];
                }
                None => {
                    bytes = &bytes[room.min(bytes.len())..];
                    if self.line.len() == LONGEST {
                        self.emit(true);
                    }
                }
            }
        }
    }

    fn emit(&mut self, continues: bool) {
        let line = self.secrets.hide(&self.line, Cut { start: self.continued, end: continues });
        write(&self.program, self.pid, self.stream, &String::from_utf8_lossy(&line));
        self.line.clear();
        self.continued = continues;
    }
}

/// The last line may have no end.
impl Drop for Lines {
    fn drop(&mut self) {
        if !self.line.is_empty() {
            // The child may have been stopped in the middle of a secret.
            let line = self.secrets.hide(&self.line, Cut { start: self.continued, end: true });
            write(&self.program, self.pid, self.stream, &String::from_utf8_lossy(&line));
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
