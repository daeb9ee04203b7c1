//! `run`: starts the command, serves its streams and waits for its end.

use super::care::care;
use super::conclude::{output, serve};
use super::output::Output;
use super::start::{Started, start};
use crate::error::Error;
use crate::fds::Fds;
use crate::mode::Parts;
use crate::spec::Purpose;
use crate::status::Status;
use crate::stdio::Stream;
use std::sync::Arc;

pub(crate) fn run<Out: Stream, Err: Stream, Exit: Status, Held: Fds>(
    parts: Parts<Out, Err, Held>,
) -> Result<Output<Out, Err, Exit>, Error> {
    let Parts { spec, held, mut on_stdout, mut on_stderr } = parts;
    let handlers = [Out::pieces(&mut on_stdout), Err::pieces(&mut on_stderr)];
    let Started { program, streams } = start(&spec, held, served())?;
    // A callback may block, so the engine enforces the timeout.
    let ran = if handlers.iter().any(Option::is_some) && program.needs_care() {
        let program = Arc::new(program);
        // If the engine has no thread, the timeout is enforced between the calls.
        let _ = care(&program);
        let ran = serve(&spec, &program, streams, handlers, None);
        program.close();
        ran
    } else {
        serve(&spec, &program, streams, handlers, None)
    };
    output(&spec, ran?)
}

fn served() -> Purpose {
    Purpose::Served { listening: crate::log::is_listened_to() }
}
