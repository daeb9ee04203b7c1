//! The calls of a start that can fail, the errnos of their manual pages, and the required ending for each.

mod after;
mod before;
mod child;
mod look;
mod passed_over;

use crate::supervisor::Call;
pub(crate) use passed_over::PASSED_OVER;
use std::sync::LazyLock;

/// The required ending of a command after a failed call.
#[derive(Clone, Copy)]
pub(crate) enum Ends {
    /// The command runs: there is a fallback, or the call is not essential.
    Runs,
    /// An error of this step, with the errno.
    Fails(&'static str),
    /// One of the two, depending on which occurrence of the call fails.
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

/// The row of a call.
pub(crate) fn row_of(call: &Call) -> Option<usize> {
    ROWS.iter().position(|row| (row.is_it)(call))
}

/// Shows a call that has no row.
pub(crate) fn shown(call: &Call) -> String {
    let (whose, path) = (if call.by_parent { "parent" } else { "child" }, look::path_of(call));
    format!("{} {:x?}, of the {whose}, {path:?}", call.number, call.operands)
}

/// In the order of a start. A call belongs to the first row that matches.
pub(crate) static ROWS: LazyLock<Vec<&Row>> =
    LazyLock::new(|| [before::ROWS, child::ROWS, after::ROWS].into_iter().flatten().collect());
