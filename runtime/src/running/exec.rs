//! `exec`: replaces this process by the program.

use super::start::start_error;
use crate::bound::Bound;
use crate::error::Error;
use crate::fds::Fds;
use crate::plan::Plan;
use crate::plan::streams::Streams;
use crate::spawn;
use crate::spec::{Purpose, Spec};

/// Replaces this process by the program. Returns only on failure.
pub(crate) fn exec<Held: Fds>(spec: &Spec, held: &Held) -> Error {
    let plan = || {
        spec.check()?;
        #[cfg(feature = "dry-run")]
        if let Some(answer) = crate::dry_run::answer(spec, crate::dry_run::How::Replacing) {
            use crate::error::{ErrorKind, Step};
            let _: crate::dry_run::Answer = answer?;
            let source = std::io::Error::other("a dry run does not replace this process");
            return Err(spec.error(ErrorKind::Start { step: Step::Exec, operand: spec.program_text(), source }));
        }
        let numbers = held.numbers();
        let streams = Streams::open(spec, &numbers, Purpose::Replace, Bound::default())?;
        let mut plan = Plan::new(spec, streams.sources, &numbers, None)?;
        // The program keeps the parent of this process.
        plan.parent = nix::unistd::getppid().as_raw();
        Ok((plan, streams))
    };
    match plan() {
        Ok((plan, _streams)) => start_error(spec, &plan, spawn::replace(&plan)),
        Err(error) => error,
    }
}
