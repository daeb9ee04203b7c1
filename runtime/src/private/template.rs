//! Reads a template: the constant bytes of a declaration, and the computed values that fill its holes.
//!
//! [`opcode`](crate::shared::opcode) defines the byte of each operation, and where its text and value are.

use crate::error::{Fault, Refusal};
use crate::shared::opcode::{Opcode, StreamKind};
use crate::spec::args::Marks;
use crate::spec::settings::Directory;
use crate::spec::value::{Hole, Origin};
use crate::spec::{Input, Sink, Spec};
use crate::status::Accepted;
use std::borrow::Cow;
use std::ffi::{CStr, CString};

/// Applies a template to `spec`.
pub(crate) fn apply(spec: &mut Spec, template: &'static [u8], holes: &[Hole<'_>]) {
    let mut reader = Reader { rest: template, holes };
    let mut marks = Marks::default();
    while !reader.rest.is_empty() {
        let (opcode, is_computed) = reader.opcode();
        match opcode {
            Opcode::Secret => marks.secret = true,
            Opcode::Verbatim => marks.verbatim = true,
            _ => {
                if let Opcode::Argument | Opcode::Pair | Opcode::OptionWithValue = opcode {
                    spec.args.expect(reader.rest.len());
                }
                reader.operation(spec, opcode, is_computed, std::mem::take(&mut marks));
            }
        }
    }
}

struct Reader<'a> {
    rest: &'static [u8],
    holes: &'a [Hole<'a>],
}

impl<'a> Reader<'a> {
    fn operation(&mut self, spec: &mut Spec, opcode: Opcode, is_computed: bool, marks: Marks) {
        let secret = marks.secret;
        match opcode {
            Opcode::Program if !is_computed => spec.program = Cow::Borrowed(self.literal_c_string()),
            Opcode::Program => {
                let text = self.text(is_computed).text().unwrap_or_default();
                spec.set_program(&text, marks.verbatim);
            }
            Opcode::Argument if !is_computed => spec.args.literal(self.literal(), marks),
            Opcode::Argument => spec.args.computed(self.hole(), marks),
            Opcode::Pair => {
                // A constant key is stored without the `=`.
                let key = self.text(is_computed).text().unwrap_or_default();
                let separator: &[u8] = if is_computed { b"=" } else { b"" };
                spec.args.pair(&[&key, separator].concat(), self.hole(), marks);
            }
            Opcode::OptionWithValue => {
                let option = self.text(is_computed);
                spec.args.option(option, self.hole(), marks);
            }
            Opcode::Argv0 => {
                let text = self.text(is_computed).text();
                spec.argv0 = text.map(|text| spec.c_string("argv0", &text));
            }
            Opcode::Inherit => spec.env.inherit(),
            Opcode::Empty => spec.env.empty(),
            Opcode::PassCommon => spec.env.pass_common(),
            Opcode::Pass => spec.env.pass(self.literal()),
            Opcode::Remove => spec.env.remove(self.literal()),
            Opcode::Entry => {
                let entry = self.text(is_computed).text();
                let set = entry.map_or(Ok(()), |entry| spec.env.entry(&entry, secret));
                keep(spec, set);
            }
            Opcode::Variable => {
                let (name, value) = (self.literal(), self.hole().text());
                let set = value.map_or(Ok(()), |value| spec.env.set(name, &value, secret));
                keep(spec, set);
            }
            Opcode::Xdg => {
                let base = self.text(is_computed);
                if base.text().is_some_and(|base| !base.starts_with(b"/")) {
                    spec.refuse(Refusal::key("xdg", Fault::RelativePath));
                }
                let set = spec.env.xdg(base);
                keep(spec, set);
            }
            Opcode::Cwd => {
                let path = self.text(is_computed);
                spec.cwd = spec.absolute("cwd", path).map(Directory::Path);
            }
            Opcode::Pidfile => {
                let path = self.text(is_computed);
                spec.pidfile = spec.absolute("pidfile", path);
            }
            Opcode::Umask => {
                let digits = self.literal().iter().map(|digit| u32::from(digit - b'0'));
                spec.set_umask(digits.fold(0, |mask, digit| mask << 3 | digit));
            }
            Opcode::Stdin => spec.stdin = self.input(spec),
            Opcode::Stdout => spec.stdout.sink = self.sink(spec, "stdout"),
            Opcode::Stderr => spec.stderr.sink = self.sink(spec, "stderr"),
            Opcode::AcceptSuccess => spec.accepted = Accepted::Success,
            Opcode::AcceptCode => spec.accepted = Accepted::AnyCode,
            Opcode::AcceptRaw => spec.accepted = Accepted::Any,
            // They modify the operation after them, see `apply`.
            Opcode::Secret | Opcode::Verbatim => {}
        }
    }

    fn input(&mut self, spec: &mut Spec) -> Input {
        let (kind, is_computed) = self.kind();
        match kind {
            StreamKind::Null => Input::Null,
            StreamKind::Inherit => Input::Inherit,
            StreamKind::Pipe => Input::Pipe { nonblocking: false },
            StreamKind::NonblockingPipe => Input::Pipe { nonblocking: true },
            StreamKind::File => Input::File(self.path(spec, "stdin", is_computed)),
            StreamKind::Log | StreamKind::Buffer | StreamKind::FileBuffer | StreamKind::Merged | StreamKind::Append => {
                unreachable!("stdin of the kind {kind:?}")
            }
        }
    }

    fn sink(&mut self, spec: &mut Spec, stream: &'static str) -> Sink {
        let (kind, is_computed) = self.kind();
        match kind {
            StreamKind::Null => Sink::Null,
            StreamKind::Inherit => Sink::Inherit,
            StreamKind::Log => Sink::Log,
            StreamKind::Buffer => Sink::Buffer,
            StreamKind::FileBuffer => Sink::FileBuffer,
            StreamKind::Merged => Sink::Merged,
            StreamKind::Pipe => Sink::Pipe { nonblocking: false },
            StreamKind::NonblockingPipe => Sink::Pipe { nonblocking: true },
            StreamKind::File => Sink::File { path: self.path(spec, stream, is_computed), append: false },
            StreamKind::Append => Sink::File { path: self.path(spec, stream, is_computed), append: true },
        }
    }

    fn path(&mut self, spec: &mut Spec, stream: &'static str, is_computed: bool) -> CString {
        let path = self.text(is_computed).text().unwrap_or_default();
        spec.c_string(stream, &path)
    }

    /// The text of an operation: a literal, or the next hole.
    fn text(&mut self, is_computed: bool) -> Hole<'a> {
        if is_computed { self.hole() } else { Hole::Text(self.literal(), Origin::Spelled) }
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

    /// The next operation, and whether its text is computed.
    fn opcode(&mut self) -> (Opcode, bool) {
        let byte = self.byte();
        Opcode::from_byte(byte).unwrap_or_else(|| unknown(byte))
    }

    /// The stream kind, and whether its path is computed.
    fn kind(&mut self) -> (StreamKind, bool) {
        let byte = self.byte();
        StreamKind::from_byte(byte).unwrap_or_else(|| unknown(byte))
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

/// Panics on an unknown byte, which the macros of this version do not write. Skipping it would drop the rest of the
/// command.
#[cold]
fn unknown(byte: u8) -> ! {
    unreachable!("{byte:#04x} is no operation of a template")
}

/// Stores a refusal for `run` to report.
fn keep(spec: &mut Spec, set: Result<(), Refusal>) {
    if let Err(refusal) = set {
        spec.refuse(refusal);
    }
}
