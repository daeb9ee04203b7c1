//! The steps on the way to a program, and how an error shows each: one row of `steps!` for one step.

use std::fmt;

/// The operand of a step in an error: `plan` makes its text, `explain` the sentence around it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operand {
    /// The path of the program.
    Program,
    /// Stated by the code of the parent that takes the step: a stream, a user, a directory. Where the child or `spawn`
    /// takes it, the path of the program.
    Stated,
    /// The number that the child reports.
    Number,
    /// The number is that of a signal.
    Signal,
    /// The number is that of a capability.
    Capability,
    /// The number is that of a resource limit.
    Limit,
    /// The directory that the child changes to.
    Directory,
    Pidfile,
    /// The SELinux label or the AppArmor profile.
    Label,
    /// The numbers of CPUs that the command declares.
    Cpus,
    /// `/dev/null`. The phrase says it already.
    Null,
}

/// Each row is the documentation of a step, its variant, its label (`Display`), its phrase (what was to be done,
/// followed by the operand) and the kind of its operand. A child reports a step by the number of its row.
macro_rules! steps {
    ($($(#[doc = $doc:literal])+ $step:ident: $label:literal, $phrase:literal, $operand:ident;)*) => {
        /// A step between the declaration and the program, in the order in which they are taken. The first ones are the
        /// parent's, those from [`ResetSignals`](Step::ResetSignals) on the child's.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Step {
            $($(#[doc = $doc])+ $step,)*
        }

        const ALL: &[Step] = &[$(Step::$step),*];

        impl Step {
            /// The action of the step, which its operand follows.
            pub(super) fn phrase(self) -> &'static str {
                match self {
                    $(Step::$step => $phrase,)*
                }
            }

            pub(crate) fn operand(self) -> Operand {
                match self {
                    $(Step::$step => Operand::$operand,)*
                }
            }
        }

        impl fmt::Display for Step {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match self {
                    $(Step::$step => $label,)*
                })
            }
        }
    };
}

steps! {
    /// Open a file for a stream. See open(2).
    OpenStream: "open stream", "open", Stated;
    /// Create a pipe for a stream. See pipe(2).
    Pipe: "pipe", "create a pipe for", Stated;
    /// Write data to a memfd. See memfd_create(2).
    Data: "data", "write the data of", Stated;
    /// Start the thread that serves a command in the background, or that enforces the timeout of a spawned program. If
    /// that fails, the program has been killed. See pthread_create(3), epoll_create(2).
    Thread: "thread", "start a thread that serves", Stated;
    /// Map the child's stack. See mmap(2).
    Stack: "map stack", "map a stack for", Program;
    /// Create the child. See clone(2).
    Clone: "clone", "create a process for", Program;
    /// Read the start report, which says whether the program was executed. See read(2).
    Report: "report", "read the start report of", Program;
    /// Look up a user. See getpwnam(3), getgrouplist(3).
    User: "user", "look up the user", Stated;
    /// Create a control group for a program whose descendants are killed. See cgroups(7).
    MakeCgroup: "make cgroup", "create a control group in", Stated;
    /// Give each signal its default action. See sigaction(2).
    ResetSignals: "reset signals", "reset the action of signal", Signal;
    /// Leave the parent's table of descriptors, and close every undeclared one. See close_range(2).
    CloseDescriptors: "close descriptors", "close the descriptors from", Number;
    /// Enter a control group. See cgroups(7).
    Cgroup: "cgroup", "enter the control group for", Program;
    /// Enter a network namespace. See setns(2).
    Netns: "netns", "enter the network namespace for", Program;
    /// Open `/dev/null`, and check that it is the device. See null(4).
    DevNull: "/dev/null", "open the null device", Null;
    /// Move a descriptor to its number. See dup(2).
    MoveDescriptor: "move descriptor", "make descriptor", Number;
    /// Lead a process group. See setpgid(2).
    ProcessGroup: "process group", "lead a process group for", Program;
    /// Lead a session. See setsid(2).
    Session: "session", "lead a session for", Program;
    /// Make stdin the controlling terminal. See ioctl_tty(2).
    Terminal: "terminal", "make stdin the controlling terminal of", Program;
    /// Create the process of a daemon. See daemon(7).
    Daemon: "daemon", "create a daemon of", Program;
    /// Open and write the pidfile. See open(2), write(2).
    Pidfile: "pidfile", "write the pidfile", Pidfile;
    /// Lock the pidfile. See F_SETLK in fcntl(2).
    PidfileLock: "pidfile lock", "lock the pidfile", Pidfile;
    /// Set the SELinux label of the program. See setexeccon(3).
    SeLinux: "selinux", "set the SELinux label", Label;
    /// Set the AppArmor profile of the program. See aa_change_onexec(2).
    AppArmor: "apparmor", "set the AppArmor profile", Label;
    /// Set the OOM score adjustment. See proc_pid_oom_score_adj(5).
    OomScoreAdj: "oom_score_adj", "set the OOM score adjustment to", Number;
    /// Set a resource limit. See prlimit(2).
    Limit: "limits", "set the limit", Limit;
    /// Set the nice value. See setpriority(2).
    Nice: "nice", "set the nice value to", Number;
    /// Set the CPU affinity. See sched_setaffinity(2).
    Cpus: "cpus", "run on CPUs", Cpus;
    /// Set the core scheduling cookie. See PR_SCHED_CORE in prctl(2).
    SchedCore: "sched_core", "set the core scheduling cookie, from process", Number;
    /// Run the closure of `pre_exec`.
    PreExec: "pre_exec", "run the `pre_exec` of", Program;
    /// Drop a capability from the bounding set. See capabilities(7).
    BoundingSet: "bounding set", "drop from the bounding set", Capability;
    /// Set the supplementary groups. See setgroups(2).
    Groups: "groups", "set the supplementary groups, in number", Number;
    /// Set all group ids. See setresgid(2).
    Gid: "gid", "set the group id to", Number;
    /// Set all user ids. See setresuid(2).
    Uid: "uid", "set the user id to", Number;
    /// Set the permitted, effective and inheritable sets. See capset(2).
    Capabilities: "capabilities", "set the capabilities", Stated;
    /// Set the ambient set. See PR_CAP_AMBIENT in prctl(2).
    Ambient: "ambient set", "raise in the ambient set", Capability;
    /// Give up new privileges. See PR_SET_NO_NEW_PRIVS in prctl(2).
    NoNewPrivs: "no_new_privs", "set no_new_privs for", Program;
    /// Change directory. See chdir(2).
    Chdir: "chdir", "change directory to", Directory;
    /// Set the signal that the child gets when its parent dies. See PR_SET_PDEATHSIG in prctl(2).
    ParentDeathSignal: "pdeathsig", "set the parent-death signal to", Signal;
    /// Wait until the parent releases a command with a `handshake`. See pipe(7).
    Handshake: "handshake", "wait for the handshake of", Program;
    /// Empty the signal mask. See sigprocmask(2).
    UnblockSignals: "unblock signals", "empty the signal mask of", Program;
    /// Execute the program. While it is open for writing, this is tried again for a second. See execve(2).
    Exec: "exec", "execute", Program;
}

impl Step {
    /// The step that a child reported by its number.
    pub(crate) fn from_number(number: u32) -> Option<Step> {
        ALL.get(usize::try_from(number).ok()?).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_found_by_its_number() {
        for step in ALL {
            assert_eq!(Step::from_number(*step as u32), Some(*step));
        }
        assert_eq!(Step::from_number(ALL.len() as u32), None);
    }
}
