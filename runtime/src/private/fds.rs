//! The passed descriptors.

use crate::command::Command;
use crate::fd::memory::Data;
use crate::fds::{Add, Descriptor, Fds, Held as HeldFd, Holding};
use crate::mode::Mode;
use crate::spec::Passed;
use crate::status::Status;
use crate::stdio::{Bytes, Stream};
use std::os::fd::{AsFd, AsRawFd};

/// The number that `fd(name)` stands for.
pub fn number(fd: &impl AsFd) -> i32 {
    fd.as_fd().as_raw_fd()
}

/// `given` are the numbers that the declaration gives to other descriptors.
pub fn data<Kind>(bytes: impl Bytes<Kind>, given: &[i32]) -> Data {
    Data::new(&bytes.into_bytes(), given)
}

pub fn pass<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
    fd: Fd,
) -> Command<In, Out, Err, Exit, Held::Sum, Running> {
    pass_as(command, None, fd)
}

pub fn pass_at<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
    (number, fd): (i32, Fd),
) -> Command<In, Out, Err, Exit, Held::Sum, Running> {
    pass_as(command, Some(number), fd)
}

fn pass_as<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
    number: Option<i32>,
    fd: Fd,
) -> Command<In, Out, Err, Exit, Held::Sum, Running> {
    command.map(|spec, held| {
        let (held, place) = held.add(fd);
        spec.passed.push(Passed { place, number });
        held
    })
}

pub fn pass_data<'fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
    data: Data,
) -> Command<In, Out, Err, Exit, Holding<'fd>, Running>
where
    Held: Fds + Into<Holding<'fd>>,
{
    command.map(|spec, held| {
        let fd = data.file.map_err(|errno| spec.data_failed = Some(errno)).ok();
        let is_there = fd.is_some();
        let (held, place) = held.add(fd.map(HeldFd::Owned));
        if is_there {
            spec.passed.push(Passed { place, number: None });
        }
        held
    })
}

pub fn pass_each<'fd, Kind, List, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held, Running: Mode>(
    command: Command<In, Out, Err, Exit, Held, Running>,
    list: List,
) -> Command<In, Out, Err, Exit, Holding<'fd>, Running>
where
    Held: Fds + Into<Holding<'fd>>,
    List: IntoIterator<Item: Descriptor<Kind, Given: Into<HeldFd<'fd>>>>,
{
    command.map(|spec, held| {
        list.into_iter().fold(held.into(), |held: Holding<'fd>, fd| {
            let (held, place) = held.add(Some(fd.give().into()));
            spec.passed.push(Passed { place, number: None });
            held
        })
    })
}
