//! The calls of a start that can fail, with what their manual pages say that they fail with, and how a command has to
//! end then.

mod after;
mod before;
mod child;
mod look;
mod passed_over;

use crate::supervisor::Call;
pub(crate) use passed_over::PASSED_OVER;
use std::sync::LazyLock;

/// How a command ends where a call has failed.
#[derive(Clone, Copy)]
pub(crate) enum Ends {
    /// As if nothing had been: there is another way, or it does not matter.
    Runs,
    /// With an error of this step that carries the errno.
    Fails(&'static str),
    /// One or the other, as the call's turn is.
    Either(&'static str),
}

pub(crate) struct Row {
    pub(crate) name: &'static str,
    is_it: fn(&Call) -> bool,
    pub(crate) ends: &'static [(&'static [i32], Ends)],
}

impl Row {
    pub(crate) fn errnos(&self) -> impl Iterator<Item = (i32, Ends)> {
        self.ends.iter().flat_map(|(errnos, ends)| errnos.iter().map(|errno| (*errno, *ends)))
    }
}

/// The row that a call belongs to.
pub(crate) fn row_of(call: &Call) -> Option<usize> {
    ROWS.iter().position(|row| (row.is_it)(call))
}

/// A call that is in no row.
pub(crate) fn shown(call: &Call) -> String {
    let (whose, path) = (if call.by_parent { "parent" } else { "child" }, look::path_of(call));
    format!("{} {:x?}, of the {whose}, {path:?}", call.number, call.operands)
}

/// In the order of a start. The first that fits is a call's.
pub(crate) static ROWS: LazyLock<Vec<&Row>> =
    LazyLock::new(|| [before::ROWS, child::ROWS, after::ROWS].into_iter().flatten().collect());
