//! What an expansion of the macros calls. Hidden, under a name that carries the version of the pair: nothing here is
//! for people.

#![allow(missing_docs, reason = "called by expansions alone, which are explained in the macros")]

use crate::arg::{Args, Spread};
use crate::command::Command;
use crate::env::Pair;
use crate::fds::{Add, Descriptor, Fds, Held, NoFds};
use crate::spec::{Input, Sink, Spec};
use crate::status::{Accepted, Status};
use crate::stdio::{Bytes, Stream};
use crate::template;
use crate::value::{Hole, Value};
use std::ffi::CString;
use std::marker::PhantomData;
use std::sync::Arc;

pub use crate::language::{status, stderr, stdin, stdout};
pub use crate::status::Success;
pub use crate::stdio::Unset;

#[inline]
pub fn hole<Kind, V: Value<Kind> + ?Sized>(value: &V) -> Hole<'_> {
    value.hole()
}

#[inline]
pub fn literal(text: &'static [u8]) -> Hole<'static> {
    Hole::Spelled(text)
}

#[inline]
pub fn verbatim(hole: Hole<'_>) -> Hole<'_> {
    hole.verbatim()
}

/// A declaration that is one template.
pub fn declare<In: Stream, Out: Stream, Err: Stream, Exit: Status>(
    template: &'static [u8],
    holes: &[Hole<'_>],
) -> Command<In, Out, Err, Exit> {
    finish(declared(template, holes))
}

#[inline(never)]
fn declared(template: &'static [u8], holes: &[Hole<'_>]) -> Spec {
    let mut spec = Spec::new();
    template::apply(&mut spec, template, holes);
    spec
}

pub fn begin() -> Spec {
    Spec::new()
}

pub fn append(spec: &mut Spec, template: &'static [u8], holes: &[Hole<'_>]) {
    template::apply(spec, template, holes);
}

pub fn finish<In: Stream, Out: Stream, Err: Stream, Exit: Status>(spec: Spec) -> Command<In, Out, Err, Exit> {
    Command { spec, held: NoFds::default(), types: PhantomData }
}

pub fn finish_args(spec: Spec) -> Args {
    spec.args
}

/// `..base`: only a command can be started from.
pub fn base<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    base: Command<In, Out, Err, Exit, Held>,
) -> Command<In, Out, Err, Exit, Held> {
    base
}

pub fn spec<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    command: &mut Command<In, Out, Err, Exit, Held>,
) -> &mut Spec {
    &mut command.spec
}

pub fn spread<Kind, List: Spread<Kind>>(spec: &mut Spec, guarded: bool, secret: bool, list: List) {
    list.spread_into(&mut spec.args, !guarded, secret);
}

pub fn pairs<NameKind, ValueKind, Pairs>(spec: &mut Spec, secret: bool, pairs: Pairs)
where
    Pairs: IntoIterator<Item: Pair<NameKind, ValueKind>>,
{
    for item in pairs {
        let (name, value) = item.pair();
        if let (Some(name), Some(value)) = (name.text(), value.text())
            && let Err(refusal) = spec.env.set(&name, &value, secret)
        {
            spec.refuse(refusal);
        }
    }
}

pub fn input<Kind>(spec: &mut Spec, bytes: impl Bytes<Kind>) {
    spec.stdin = Input::Bytes(Arc::new(bytes.into_bytes()));
}

pub fn limit(spec: &mut Spec, stream: usize, max: usize) {
    match stream {
        1 => spec.stdout.max = max,
        _ => spec.stderr.max = max,
    }
}

pub fn umask(spec: &mut Spec, mask: impl Mask) {
    if let Some(mask) = mask.bits() {
        spec.set_umask(mask);
    }
}

/// What `umask` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no file mode creation mask",
    label = "expected a `u32`, or an `Option` of one"
)]
pub trait Mask {
    fn bits(self) -> Option<u32>;
}

#[diagnostic::do_not_recommend]
impl Mask for u32 {
    fn bits(self) -> Option<u32> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl Mask for Option<u32> {
    fn bits(self) -> Option<u32> {
        self
    }
}

pub fn accept(spec: &mut Spec, codes: &[u8]) {
    spec.accepted = Accepted::Codes(codes.to_vec());
}

/// `Given` is a parameter of its own: as a projection, it would be an error beside that of the bound.
pub fn descriptor<Kind, Given, Fd: Descriptor<Kind, Given = Given>>(fd: Fd) -> Given {
    fd.give()
}

/// Setters that change the type of a command: for each stream its new kind, a descriptor, or a choice with one.
macro_rules! streams {
    ($($as:ident $fd:ident $direct:ident $which:ident ($In:ident $Out:ident $Err:ident));*) => {$(
        pub fn $as<New: Stream, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
            command: Command<In, Out, Err, Exit, Held>,
        ) -> Command<$In, $Out, $Err, Exit, Held> {
            Command { spec: command.spec, held: command.held, types: PhantomData }
        }

        pub fn $fd<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>>(
            command: Command<In, Out, Err, Exit, Held>,
            fd: Fd,
        ) -> Command<In, Out, Err, Exit, Held::Sum> {
            let Command { mut spec, held, types } = command;
            let (held, place) = held.add(fd);
            Which::$which.set_fd(&mut spec, place);
            Command { spec, held, types }
        }

        pub fn $direct<'fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held>(
            command: Command<In, Out, Err, Exit, Held>,
            choice: Choice<'fd>,
        ) -> Command<In, Out, Err, Exit, Held::Sum>
        where
            Held: Add<Option<crate::fds::Held<'fd>>>,
        {
            let Command { mut spec, held, types } = command;
            let chosen = Which::$which.choose(&mut spec, choice);
            let is_fd = chosen.is_some();
            let (held, place) = held.add(chosen);
            if is_fd {
                Which::$which.set_fd(&mut spec, place);
            }
            Command { spec, held, types }
        }
    )*};
}

streams! {
    stdin_as stdin_fd stdin_direct Stdin (New Out Err);
    stdout_as stdout_fd stdout_direct Stdout (In New Err);
    stderr_as stderr_fd stderr_direct Stderr (In Out New)
}

pub fn status_as<New: Status, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    command: Command<In, Out, Err, Exit, Held>,
) -> Command<In, Out, Err, New, Held> {
    Command { spec: command.spec, held: command.held, types: PhantomData }
}

/// A stream chosen at run time between kinds that return nothing, where one of them is a descriptor.
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

/// Which of the three streams is set.
#[derive(Clone, Copy)]
enum Which {
    Stdin,
    Stdout,
    Stderr,
}

impl Which {
    fn set_fd(self, spec: &mut Spec, place: usize) {
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

    fn choose<'fd>(self, spec: &mut Spec, choice: Choice<'fd>) -> Option<Held<'fd>> {
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
