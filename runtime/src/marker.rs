//! Types without values: the modes of a command, and a marker for its type parameters.

use std::marker::PhantomData;

/// The program is a child of this process, which waits for it. The default.
#[derive(Debug)]
pub enum Foreground {}

/// `daemonize`: the program leads a session of its own, and this process does not wait for it.
#[derive(Debug)]
pub enum Daemonized {}

/// `handshake`: before the program is executed, the child waits until the parent releases it.
#[derive(Debug)]
pub struct Waiting<Running>(PhantomData<Running>);

/// The type parameters of a command, without values of them.
pub(crate) type Types<In, Out, Err, Exit, Running> = PhantomData<fn() -> Kinds<In, Out, Err, Exit, Running>>;

type Kinds<In, Out, Err, Exit, Running> =
    (PhantomData<In>, PhantomData<Out>, PhantomData<Err>, PhantomData<Exit>, PhantomData<Running>);
