//! Functions that expansions of the macros call. They are hidden, and the name of the public module contains the
//! version of both packages. They are not part of the public interface.

#![allow(missing_docs, reason = "called by expansions alone, which are explained in the macros")]

use crate::bound::Timeout;
use crate::command::Command;
use crate::fds::NoFds;
use crate::spec::args::{Args, Marks, Spread};
use crate::spec::env::Pair;
use crate::spec::value::{Hole, Origin, Value};
use crate::spec::{Input, Spec};
use crate::status::{Accepted, Status};
use crate::stdio::{Bytes, Stream};
use std::marker::PhantomData;
use std::sync::Arc;
use std::time::Duration;

mod choice;
mod fds;
mod retype;
// One of its functions is unsafe, because the caller's closure runs between fork and exec.
#[allow(unsafe_code)]
mod settings;
mod template;

pub use choice::Choice;
pub use fds::*;
pub use retype::*;
pub use settings::*;

pub use crate::language::{caps, descendants, env, keys, limits, marks, signals, status, stderr, stdin, stdout};
pub use crate::status::Success;
pub use crate::stdio::{Mistaken, Unset};

#[inline]
pub fn hole<Kind, V: Value<Kind> + ?Sized>(value: &V) -> Hole<'_> {
    value.hole()
}

#[inline]
pub fn literal(text: &'static [u8]) -> Hole<'static> {
    Hole::Text(text, Origin::Spelled)
}

#[inline]
pub fn spelled(hole: Hole<'_>) -> Hole<'_> {
    hole.spelled()
}

#[inline]
pub fn begun(hole: Hole<'_>) -> Hole<'_> {
    hole.begun()
}

/// Returns a computed text. It counts as spelled if it equals one of the texts that the expression spells.
pub fn among<'a>(hole: Hole<'a>, spelled: &[Hole<'_>]) -> Hole<'a> {
    let text = hole.text();
    let is_spelled = text.is_some_and(|text| is_among(&text, spelled));
    if is_spelled { hole.spelled() } else { hole }
}

fn is_among(text: &[u8], spelled: &[Hole<'_>]) -> bool {
    spelled.iter().any(|spelled| spelled.text().is_some_and(|spelled| *spelled == *text))
}

/// Builds a declaration that consists of one template.
pub fn declare<In: Stream, Out: Stream<Handler = ()>, Err: Stream<Handler = ()>, Exit: Status>(
    template: &'static [u8],
    holes: &[Hole<'_>],
) -> Command<In, Out, Err, Exit> {
    finish(declared(template, holes))
}

#[inline(never)]
fn declared(template: &'static [u8], holes: &[Hole<'_>]) -> Box<Spec> {
    let mut spec = begin();
    template::apply(&mut spec, template, holes);
    spec
}

pub fn begin() -> Box<Spec> {
    Box::new(Spec::new())
}

pub fn append(spec: &mut Spec, template: &'static [u8], holes: &[Hole<'_>]) {
    template::apply(spec, template, holes);
}

pub fn finish<In: Stream, Out: Stream<Handler = ()>, Err: Stream<Handler = ()>, Exit: Status>(
    spec: Box<Spec>,
) -> Command<In, Out, Err, Exit> {
    Command { spec, held: NoFds::default(), on_stdout: (), on_stderr: (), types: PhantomData }
}

pub fn finish_args(spec: Box<Spec>) -> Args {
    spec.args
}

pub fn spread<Kind, List: Spread<Kind>>(spec: &mut Spec, guarded: bool, secret: bool, list: List) {
    list.spread_into(&mut spec.args, Marks { secret, verbatim: !guarded });
}

/// As [`spread`], for a constant: all its items are spelled in the source.
pub fn spread_constant<Kind, List: Spread<Kind>>(spec: &mut Spec, secret: bool, list: List) {
    let from = spec.args.len();
    spread(spec, true, secret, list);
    spec.args.trust(from, |_| true);
}

/// As [`spread`], for a list whose expression spells some of its items.
pub fn spread_among<Kind, List: Spread<Kind>>(spec: &mut Spec, secret: bool, spelled: &[Hole<'_>], list: List) {
    let from = spec.args.len();
    spread(spec, true, secret, list);
    spec.args.trust(from, |text| is_among(text, spelled));
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

/// A value of `umask`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a file mode creation mask",
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

/// Sets `timeout`: the time, the signal that is sent then, and the grace before SIGKILL.
pub fn timeout(spec: &mut Spec, after: impl Time, signal: Option<i32>, grace: Option<Duration>) {
    spec.timeout = after.duration().map(|after| Timeout {
        after,
        grace: grace.unwrap_or(Duration::from_secs(2)),
        signal: signal.unwrap_or(libc::SIGTERM),
    });
}

/// The grace of `after(…)`.
pub fn grace(grace: impl Time) -> Option<Duration> {
    grace.duration()
}

/// A time that a program may run.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a duration",
    label = "expected a `Duration`, or an `Option` of one",
    note = "write `Duration::from_secs(5)`"
)]
pub trait Time {
    fn duration(self) -> Option<Duration>;
}

#[diagnostic::do_not_recommend]
impl Time for Duration {
    fn duration(self) -> Option<Duration> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl Time for Option<Duration> {
    fn duration(self) -> Option<Duration> {
        self
    }
}

pub fn accept(spec: &mut Spec, codes: &[u8]) {
    spec.accepted = Accepted::Codes(codes.to_vec());
}
