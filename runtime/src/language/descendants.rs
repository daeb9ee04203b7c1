//! Words of `descendants`.

/// What becomes of a program's descendants when the command ends.
#[derive(Clone, Copy, Debug)]
pub struct Descendants(());

/// `descendants: kill`: whatever the program has started, also in sessions of its own, is killed when the command ends, in whichever way. It needs a control group of version 2 in which this process may make one: cgroups(7).
pub const kill: Descendants = Descendants(());
/// `descendants: leave`, the default: what the program leaves behind goes on.
pub const leave: Descendants = Descendants(());
