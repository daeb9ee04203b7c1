//! Types without values: how a command runs, and the types of a command.

use std::marker::PhantomData;

/// The program is a child of this process, which waits for it. The default.
#[derive(Debug)]
pub enum Foreground {}

/// `daemonize`: the program is a session leader that belongs to nobody.
#[derive(Debug)]
pub enum Daemonized {}

/// `handshake`: before the program is executed, the child waits for the parent's word.
#[derive(Debug)]
pub struct Waiting<Running>(PhantomData<Running>);

/// The types of a command, which holds no value of them.
pub(crate) type Types<In, Out, Err, Exit, Running> = PhantomData<fn() -> Kinds<In, Out, Err, Exit, Running>>;

type Kinds<In, Out, Err, Exit, Running> =
    (PhantomData<In>, PhantomData<Out>, PhantomData<Err>, PhantomData<Exit>, PhantomData<Running>);
