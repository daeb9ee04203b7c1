//! A stream that is chosen at run time.

use crate::fds::Held;
use crate::spec::value::Hole;
use crate::spec::{Input, Sink, Spec};
use std::ffi::CString;

/// A stream that is chosen at run time, among kinds that return nothing. At least one of them is a descriptor.
pub struct Choice<'fd>(Chosen<'fd>);

enum Chosen<'fd> {
    Null,
    Inherit,
    File { path: Vec<u8>, append: bool },
    Fd(Held<'fd>),
}

impl<'fd> Choice<'fd> {
    pub fn null() -> Self {
        Choice(Chosen::Null)
    }

    pub fn inherit() -> Self {
        Choice(Chosen::Inherit)
    }

    pub fn file(path: Hole<'_>) -> Self {
        Choice(Chosen::File { path: path.text().unwrap_or_default().into_owned(), append: false })
    }

    pub fn append(path: Hole<'_>) -> Self {
        Choice(Chosen::File { path: path.text().unwrap_or_default().into_owned(), append: true })
    }

    pub fn fd(fd: impl Into<Held<'fd>>) -> Self {
        Choice(Chosen::Fd(fd.into()))
    }
}

/// Selects which of the three streams is set.
#[derive(Clone, Copy)]
pub(super) enum Which {
    Stdin,
    Stdout,
    Stderr,
}

impl Which {
    pub(super) fn set_fd(self, spec: &mut Spec, place: usize) {
        match self {
            Which::Stdin => spec.stdin = Input::Fd(place),
            Which::Stdout => spec.stdout.sink = Sink::Fd(place),
            Which::Stderr => spec.stderr.sink = Sink::Fd(place),
        }
    }

    fn set_other(self, spec: &mut Spec, input: Input, sink: Sink) {
        match self {
            Which::Stdin => spec.stdin = input,
            Which::Stdout => spec.stdout.sink = sink,
            Which::Stderr => spec.stderr.sink = sink,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Which::Stdin => "stdin",
            Which::Stdout => "stdout",
            Which::Stderr => "stderr",
        }
    }

    pub(super) fn choose<'fd>(self, spec: &mut Spec, choice: Choice<'fd>) -> Option<Held<'fd>> {
        match choice.0 {
            Chosen::Fd(fd) => return Some(fd),
            Chosen::Null => self.set_other(spec, Input::Null, Sink::Null),
            Chosen::Inherit => self.set_other(spec, Input::Inherit, Sink::Inherit),
            Chosen::File { path, append } => {
                let path: CString = spec.c_string(self.name(), &path);
                self.set_other(spec, Input::File(path.clone()), Sink::File { path, append });
            }
        }
        None
    }
}
