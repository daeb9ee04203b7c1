//! Reading a template: the constant bytes of a declaration, and the computed values that fill its holes.
//!
//! Each operation is one byte, followed by a text that a NUL ends where it has one. A capital letter takes its text
//! from the next hole instead. The macros write the same table; both packages are of one version.
//!
//! | byte | operation | text | holes |
//! |---|---|---|---|
//! | `p` | the program | path or name | |
//! | `a` | an argument | the argument | |
//! | `j` | a pair, one argument | `key=` | the value |
//! | `o` | an option and its value, two arguments | the option | the value |
//! | `s` `q` | the value of the next operation is secret, is `verbatim` | | |
//! | `g` | `argv0` | the text | |
//! | `i` `e` `c` | `inherit`, `empty`, `pass_common` | | |
//! | `v` `r` | `pass`, `remove` | the name | |
//! | `k` | a variable | `NAME=value` | |
//! | `w` | a variable | the name | the value |
//! | `x` | `xdg` | the base | |
//! | `d` `f` | `cwd`, `pidfile` | the path | |
//! | `m` | `umask` | octal digits | |
//! | `0` `1` `2` | a stream, followed by its kind | see [`Reader::sink`] | |
//! | `S` `C` `R` | `status` is `success`, `code`, `raw` | | |

use crate::error::{Fault, Refusal};
use crate::spec::args::Marks;
use crate::spec::value::{Hole, Origin};
use crate::spec::{Input, Sink, Spec};
use crate::status::Accepted;
use std::borrow::Cow;
use std::ffi::{CStr, CString};

/// Carries out a template on `spec`.
pub(crate) fn apply(spec: &mut Spec, template: &'static [u8], holes: &[Hole<'_>]) {
    let mut reader = Reader { rest: template, holes };
    let mut marks = Marks::default();
    while let Some((&op, rest)) = reader.rest.split_first() {
        reader.rest = rest;
        match op {
            b's' => marks.secret = true,
            b'q' => marks.verbatim = true,
            _ => {
                if let b'a' | b'A' | b'j' | b'J' | b'o' | b'O' = op {
                    spec.args.expect(rest.len());
                }
                reader.operation(spec, op, std::mem::take(&mut marks));
            }
        }
    }
}

struct Reader<'a> {
    rest: &'static [u8],
    holes: &'a [Hole<'a>],
}

impl<'a> Reader<'a> {
    fn operation(&mut self, spec: &mut Spec, op: u8, marks: Marks) {
        let secret = marks.secret;
        match op {
            b'p' => spec.program = Cow::Borrowed(self.literal_c_string()),
            b'P' => {
                let text = self.text(op).text().unwrap_or_default();
                spec.set_program(&text, marks.verbatim);
            }
            b'a' => spec.args.literal(self.literal(), marks),
            b'A' => spec.args.computed(self.hole(), marks),
            b'j' | b'J' => {
                // A constant key comes without the `=`.
                let key = self.text(op).text().unwrap_or_default();
                let separator: &[u8] = if op == b'J' { b"=" } else { b"" };
                spec.args.pair(&[&key, separator].concat(), self.hole(), marks);
            }
            b'o' | b'O' => {
                let option = self.text(op);
                spec.args.option(option, self.hole(), marks);
            }
            b'g' | b'G' => {
                let text = self.text(op).text();
                spec.argv0 = text.map(|text| spec.c_string("argv0", &text));
            }
            b'i' => spec.env.inherit(),
            b'e' => spec.env.empty(),
            b'c' => spec.env.pass_common(),
            b'v' => spec.env.pass(self.literal()),
            b'r' => spec.env.remove(self.literal()),
            b'k' | b'K' => {
                let entry = self.text(op).text();
                let set = entry.map_or(Ok(()), |entry| spec.env.entry(&entry, secret));
                keep(spec, set);
            }
            b'w' => {
                let (name, value) = (self.literal(), self.hole().text());
                let set = value.map_or(Ok(()), |value| spec.env.set(name, &value, secret));
                keep(spec, set);
            }
            b'x' | b'X' => {
                let base = self.text(op);
                if base.text().is_some_and(|base| !base.starts_with(b"/")) {
                    spec.refuse(Refusal::key("xdg", Fault::RelativePath));
                }
                let set = spec.env.xdg(base);
                keep(spec, set);
            }
            b'd' | b'D' => {
                let path = self.text(op);
                spec.cwd = spec.absolute("cwd", path);
            }
            b'f' | b'F' => {
                let path = self.text(op);
                spec.pidfile = spec.absolute("pidfile", path);
            }
            b'm' => {
                let digits = self.literal().iter().map(|digit| u32::from(digit - b'0'));
                spec.set_umask(digits.fold(0, |mask, digit| mask << 3 | digit));
            }
            b'0' => spec.stdin = self.input(spec),
            b'1' => spec.stdout.sink = self.sink(spec, "stdout"),
            b'2' => spec.stderr.sink = self.sink(spec, "stderr"),
            b'S' => spec.accepted = Accepted::Success,
            b'C' => spec.accepted = Accepted::AnyCode,
            b'R' => spec.accepted = Accepted::Any,
            // The macros of this version write no other: see the table.
            _ => self.rest = &[],
        }
    }

    /// The kind of stdin: `n` null, `i` inherit, `f` a file with its path, `p` a pipe, `o` one that does not block.
    fn input(&mut self, spec: &mut Spec) -> Input {
        match self.byte() {
            b'i' => Input::Inherit,
            kind @ (b'p' | b'o') => Input::Pipe { nonblocking: kind == b'o' },
            kind @ (b'f' | b'F') => Input::File(self.path(spec, "stdin", kind)),
            _ => Input::Null,
        }
    }

    /// The kind of an output: `n` null, `i` inherit, `l` log, `b` buffer, `r` a file in memory, `t` text, `m` merged, `f` and `a` a file
    /// with its path, emptied or appended to, `p` a pipe, `o` one that does not block.
    fn sink(&mut self, spec: &mut Spec, stream: &'static str) -> Sink {
        match self.byte() {
            b'i' => Sink::Inherit,
            b'l' => Sink::Log,
            b'b' | b't' => Sink::Buffer,
            b'r' => Sink::FileBuffer,
            b'm' => Sink::Merged,
            kind @ (b'p' | b'o') => Sink::Pipe { nonblocking: kind == b'o' },
            kind @ (b'f' | b'F') => Sink::File { path: self.path(spec, stream, kind), append: false },
            kind @ (b'a' | b'A') => Sink::File { path: self.path(spec, stream, kind), append: true },
            _ => Sink::Null,
        }
    }

    fn path(&mut self, spec: &mut Spec, stream: &'static str, kind: u8) -> CString {
        let path = self.text(kind).text().unwrap_or_default();
        spec.c_string(stream, &path)
    }

    /// The text of an operation: literal, or of the next hole.
    fn text(&mut self, op: u8) -> Hole<'a> {
        if op.is_ascii_uppercase() { self.hole() } else { Hole::Text(self.literal(), Origin::Spelled) }
    }

    fn literal_c_string(&mut self) -> &'static CStr {
        let text = CStr::from_bytes_until_nul(self.rest).unwrap_or_default();
        self.literal();
        text
    }

    fn literal(&mut self) -> &'static [u8] {
        let end = self.rest.iter().position(|byte| *byte == 0).unwrap_or(self.rest.len());
        let (text, rest) = self.rest.split_at(end);
        self.rest = rest.get(1..).unwrap_or_default();
        text
    }

    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        byte
    }

    fn hole(&mut self) -> Hole<'a> {
        let Some((&hole, rest)) = self.holes.split_first() else { return Hole::Nothing };
        self.holes = rest;
        hole
    }
}

/// Keeps what was refused for `run` to report.
fn keep(spec: &mut Spec, set: Result<(), Refusal>) {
    if let Err(refusal) = set {
        spec.refuse(refusal);
    }
}
