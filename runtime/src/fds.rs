//! The descriptors that a command holds, as a type: none, borrowed ones, or owned ones.
//!
//! `fd(&f)` borrows `f` as long as the command lives. `fd(f)` moves `f` into the command, and the parent closes it once
//! the child has it. A command that owns a descriptor is not `Clone`. A command that borrows none is `'static`.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd, RawFd};

/// Holds no descriptor.
#[derive(Clone, Debug, Default)]
pub struct NoFds(());

/// Holds descriptors that are borrowed for `'fd`.
#[derive(Clone, Debug)]
pub struct Borrowing<'fd>(Vec<BorrowedFd<'fd>>);

/// Owns descriptors, and may hold others that are borrowed for `'fd`.
#[derive(Debug)]
pub struct Holding<'fd>(Vec<Held<'fd>>);

/// One descriptor of a command.
#[doc(hidden)]
#[derive(Debug)]
pub enum Held<'fd> {
    Borrowed(BorrowedFd<'fd>),
    Owned(OwnedFd),
}

impl Held<'_> {
    fn raw(&self) -> RawFd {
        match self {
            Held::Borrowed(fd) => fd.as_raw_fd(),
            Held::Owned(fd) => fd.as_raw_fd(),
        }
    }
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::NoFds {}
    impl Sealed for super::Borrowing<'_> {}
    impl Sealed for super::Holding<'_> {}
}

/// The descriptors that a command can hold. This trait is sealed: [`NoFds`], [`Borrowing`] and [`Holding`] implement
/// it.
pub trait Fds: sealed::Sealed {
    #[doc(hidden)]
    fn numbers(&self) -> Vec<RawFd>;
}

impl Fds for NoFds {
    fn numbers(&self) -> Vec<RawFd> {
        Vec::new()
    }
}

impl Fds for Borrowing<'_> {
    fn numbers(&self) -> Vec<RawFd> {
        self.0.iter().map(AsRawFd::as_raw_fd).collect()
    }
}

impl Fds for Holding<'_> {
    fn numbers(&self) -> Vec<RawFd> {
        self.0.iter().map(Held::raw).collect()
    }
}

/// The descriptors of a command that can be cloned: it owns none.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a command that owns a descriptor cannot be cloned",
    label = "`{Self}` owns a descriptor, and two commands cannot own one",
    note = "borrow it: `fds: [&f]`, `stdin: fd(&f)`; or build the command in a function"
)]
pub trait WithoutOwner: Fds + Clone {}

#[diagnostic::do_not_recommend]
impl<Descriptors: Fds + Clone> WithoutOwner for Descriptors {}

/// The type of the descriptors after one more is added.
#[doc(hidden)]
pub trait Add<Fd>: Fds {
    type Sum: Fds;

    /// Adds the descriptor, and returns its index.
    fn add(self, fd: Fd) -> (Self::Sum, usize);
}

impl<'fd> Holding<'fd> {
    fn with(mut self, fd: Held<'fd>) -> (Holding<'fd>, usize) {
        self.0.push(fd);
        let place = self.0.len() - 1;
        (self, place)
    }
}

impl<'fd> From<NoFds> for Holding<'fd> {
    fn from(_: NoFds) -> Holding<'fd> {
        Holding(Vec::new())
    }
}

impl<'fd> From<Borrowing<'fd>> for Holding<'fd> {
    fn from(borrowing: Borrowing<'fd>) -> Holding<'fd> {
        Holding(borrowing.0.into_iter().map(Held::Borrowed).collect())
    }
}

impl<'fd> Add<BorrowedFd<'fd>> for NoFds {
    type Sum = Borrowing<'fd>;

    fn add(self, fd: BorrowedFd<'fd>) -> (Borrowing<'fd>, usize) {
        (Borrowing(vec![fd]), 0)
    }
}

impl<'fd> Add<BorrowedFd<'fd>> for Borrowing<'fd> {
    type Sum = Borrowing<'fd>;

    fn add(mut self, fd: BorrowedFd<'fd>) -> (Borrowing<'fd>, usize) {
        self.0.push(fd);
        let place = self.0.len() - 1;
        (self, place)
    }
}

impl<'fd> Add<BorrowedFd<'fd>> for Holding<'fd> {
    type Sum = Holding<'fd>;

    fn add(self, fd: BorrowedFd<'fd>) -> (Holding<'fd>, usize) {
        self.with(Held::Borrowed(fd))
    }
}

impl Add<OwnedFd> for NoFds {
    type Sum = Holding<'static>;

    fn add(self, fd: OwnedFd) -> (Holding<'static>, usize) {
        Holding::from(self).with(Held::Owned(fd))
    }
}

impl<'fd> Add<OwnedFd> for Borrowing<'fd> {
    type Sum = Holding<'fd>;

    fn add(self, fd: OwnedFd) -> (Holding<'fd>, usize) {
        Holding::from(self).with(Held::Owned(fd))
    }
}

impl<'fd> Add<OwnedFd> for Holding<'fd> {
    type Sum = Holding<'fd>;

    fn add(self, fd: OwnedFd) -> (Holding<'fd>, usize) {
        self.with(Held::Owned(fd))
    }
}

/// Adds a descriptor that may be absent at run time. The type must allow for one.
impl<'fd, Before: Fds + Into<Holding<'fd>>> Add<Option<Held<'fd>>> for Before {
    type Sum = Holding<'fd>;

    fn add(self, fd: Option<Held<'fd>>) -> (Holding<'fd>, usize) {
        let held: Holding<'fd> = self.into();
        match fd {
            Some(fd) => held.with(fd),
            None => (held, 0),
        }
    }
}

/// An operand of `fd(…)`: a reference to a value with a descriptor, a [`BorrowedFd`], or an owner of a descriptor,
/// which is moved into the command.
///
/// The type parameter distinguishes the implementations. It is always inferred.
///
/// ```
/// let log = std::fs::File::create("/dev/null")?;
/// airtight::command! { "true", stdout: fd(&log), stderr: fd(log.try_clone()?) }.run()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a descriptor",
    label = "expected a borrowed (`&f`) or an owned descriptor",
    note = "`fd(&f)` borrows any `AsFd`; `fd(f)` takes ownership of any `Into<OwnedFd>`"
)]
pub trait Descriptor<Kind> {
    #[doc(hidden)]
    type Given;

    #[doc(hidden)]
    fn give(self) -> Self::Given;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByReference {}
#[doc(hidden)]
#[derive(Debug)]
pub enum ByHandle {}
#[doc(hidden)]
#[derive(Debug)]
pub enum ByValue {}

#[diagnostic::do_not_recommend]
impl<'fd, Fd: AsFd> Descriptor<ByReference> for &'fd Fd {
    type Given = BorrowedFd<'fd>;

    fn give(self) -> BorrowedFd<'fd> {
        self.as_fd()
    }
}

#[diagnostic::do_not_recommend]
impl<'fd> Descriptor<ByHandle> for BorrowedFd<'fd> {
    type Given = BorrowedFd<'fd>;

    fn give(self) -> BorrowedFd<'fd> {
        self
    }
}

#[diagnostic::do_not_recommend]
impl<Fd: Into<OwnedFd>> Descriptor<ByValue> for Fd {
    type Given = OwnedFd;

    fn give(self) -> OwnedFd {
        self.into()
    }
}

impl<'fd> From<BorrowedFd<'fd>> for Held<'fd> {
    fn from(fd: BorrowedFd<'fd>) -> Held<'fd> {
        Held::Borrowed(fd)
    }
}

impl From<OwnedFd> for Held<'_> {
    fn from(fd: OwnedFd) -> Self {
        Held::Owned(fd)
    }
}
