//! Words of `descendants`.

/// What becomes of a program's descendants when the command ends.
#[derive(Clone, Copy, Debug)]
pub struct Descendants(());

/// `descendants: kill`: whatever the program has started, also in sessions of its own, is killed when the command ends, in whichever way.
///
/// The program starts in a control group (version 2) of its own: a folder `airtight-PID-N`, PID being this process's,
/// beneath the group of this process, or beneath the one that `cgroup` declares. `cgroup.kill` ends what is in it, also in
/// groups that the program has made below; then it is removed. See cgroups(7). Linux 5.14 or newer.
///
/// An ordinary user can make groups only where they were delegated to them, as by
/// `systemd-run --user --scope -p Delegate=yes`. Where none can be made, the error names the reason, before anything is
/// started.
///
/// A program that may write to other control groups, as root may, can leave its own. Where this process is killed by
/// SIGKILL, what it has started lives on; the folder is removed by whoever makes the next one beside it once nothing
/// lives in it.
pub const kill: Descendants = Descendants(());
/// `descendants: leave`, the default: what the program leaves behind goes on.
pub const leave: Descendants = Descendants(());
