//! The values of `descendants`.

/// The fate of a program's descendants when the command ends.
#[derive(Clone, Copy, Debug)]
pub struct Descendants(());

/// `descendants: kill`: all descendants of the program, including those in other sessions, are killed when the command
/// ends for any reason.
///
/// The program starts in a control group (version 2) of its own. Its directory is `airtight-PID-N`, where PID is that
/// of this process, below the group of this process or the one that `cgroup` declares. A write to `cgroup.kill` kills
/// all members, including those of groups that the program has created below; then the group is removed. See
/// cgroups(7). Needs Linux 5.14.
///
/// An ordinary user can create groups only in a delegated group, for example one that `systemd-run --user --scope -p
/// Delegate=yes` provides. If no group can be created, the command fails with the reason before anything is started.
///
/// A program that may write to other control groups, as root may, can leave its own. If this process is killed by
/// SIGKILL, the descendants live on. Once the group is empty, the next process that creates one beside it removes it.
pub const kill: Descendants = Descendants(());
/// `descendants: leave`, the default: leftovers of the program run on.
pub const leave: Descendants = Descendants(());
