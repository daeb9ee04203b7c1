//! The steps on the way to a program.

use std::fmt;

/// A step between the declaration and the program, in the order in which they are taken. The first ones are the
/// parent's, those from [`ResetSignals`](Step::ResetSignals) on the child's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Open a file for a stream. See open(2).
    OpenStream,
    /// Make a pipe for a stream. See pipe(2).
    Pipe,
    /// Put data into a file in memory. See memfd_create(2).
    Data,
    /// Start the thread that serves a command in the background, or that enforces the time of a spawned one, which was
    /// ended at once. See pthread_create(3), epoll_create(2).
    Thread,
    /// Map the child's stack. See mmap(2).
    Stack,
    /// Create the child. See clone(2).
    Clone,
    /// Find out how the start went. See read(2).
    Report,
    /// Look up a user. See getpwnam(3), getgrouplist(3).
    User,
    /// Make a control group for a program whose descendants are killed. See cgroups(7).
    MakeCgroup,
    /// Give each signal its default action. See sigaction(2).
    ResetSignals,
    /// Set the file mode creation mask. See umask(2).
    Umask,
    /// Leave the parent's table of descriptors, and close what is not passed on. See close_range(2).
    CloseDescriptors,
    /// Enter a control group. See cgroups(7).
    Cgroup,
    /// Enter a network namespace. See setns(2).
    Netns,
    /// Open `/dev/null`, and check that it is the device. See null(4).
    DevNull,
    /// Give a descriptor its number. See dup(2).
    MoveDescriptor,
    /// Lead a process group. See setpgid(2).
    ProcessGroup,
    /// Lead a session. See setsid(2).
    Session,
    /// Make stdin the controlling terminal. See ioctl_tty(2).
    Terminal,
    /// Make the process of a daemon. See daemon(7).
    Daemon,
    /// Open and write the pidfile. See open(2), write(2).
    Pidfile,
    /// Lock the pidfile. See F_SETLK in fcntl(2).
    PidfileLock,
    /// Set the SELinux label of the program. See setexeccon(3).
    SeLinux,
    /// Set the AppArmor profile of the program. See aa_change_onexec(2).
    AppArmor,
    /// Set the OOM score adjustment. See proc_pid_oom_score_adj(5).
    OomScoreAdj,
    /// Set a resource limit. See prlimit(2).
    Limit,
    /// Set the nice value. See setpriority(2).
    Nice,
    /// Set the CPUs to run on. See sched_setaffinity(2).
    Cpus,
    /// Set the core scheduling cookie. See PR_SCHED_CORE in prctl(2).
    SchedCore,
    /// Run the closure of `pre_exec`.
    PreExec,
    /// Drop a capability from the bounding set. See capabilities(7).
    BoundingSet,
    /// Set the supplementary groups. See setgroups(2).
    Groups,
    /// Set all group ids. See setresgid(2).
    Gid,
    /// Set all user ids. See setresuid(2).
    Uid,
    /// Set the permitted, effective and inheritable sets. See capset(2).
    Capabilities,
    /// Set the ambient set. See PR_CAP_AMBIENT in prctl(2).
    Ambient,
    /// Give up new privileges. See PR_SET_NO_NEW_PRIVS in prctl(2).
    NoNewPrivs,
    /// Change directory. See chdir(2).
    Chdir,
    /// Ask for a signal at the death of the parent. See PR_SET_PDEATHSIG in prctl(2).
    ParentDeathSignal,
    /// Wait for the parent's word, of a command with a `handshake`. See pipe(7).
    Handshake,
    /// Empty the signal mask. See sigprocmask(2).
    UnblockSignals,
    /// Execute the program; for a second again and again where it is open for writing. See execve(2).
    Exec,
}

const ALL: [Step; 42] = [
    Step::OpenStream,
    Step::Pipe,
    Step::Data,
    Step::Thread,
    Step::Stack,
    Step::Clone,
    Step::Report,
    Step::User,
    Step::MakeCgroup,
    Step::ResetSignals,
    Step::Umask,
    Step::CloseDescriptors,
    Step::Cgroup,
    Step::Netns,
    Step::DevNull,
    Step::MoveDescriptor,
    Step::ProcessGroup,
    Step::Session,
    Step::Terminal,
    Step::Daemon,
    Step::Pidfile,
    Step::PidfileLock,
    Step::SeLinux,
    Step::AppArmor,
    Step::OomScoreAdj,
    Step::Limit,
    Step::Nice,
    Step::Cpus,
    Step::SchedCore,
    Step::PreExec,
    Step::BoundingSet,
    Step::Groups,
    Step::Gid,
    Step::Uid,
    Step::Capabilities,
    Step::Ambient,
    Step::NoNewPrivs,
    Step::Chdir,
    Step::ParentDeathSignal,
    Step::Handshake,
    Step::UnblockSignals,
    Step::Exec,
];

impl Step {
    /// The step that a child reported by its number.
    pub(crate) fn from_number(number: u32) -> Option<Step> {
        ALL.into_iter().find(|step| *step as u32 == number)
    }

    /// What the step does, to be followed by its operand.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Step::OpenStream => "open",
            Step::Pipe => "make a pipe for",
            Step::Data => "put data into a file for",
            Step::Thread => "start a thread that serves",
            Step::Stack => "map a stack for",
            Step::Clone => "create a process for",
            Step::Report => "learn the fate of",
            Step::User => "look up the user",
            Step::ResetSignals => "reset the action of signal",
            Step::MakeCgroup => "make a control group in",
            Step::Umask => "set the umask",
            Step::CloseDescriptors => "close the descriptors from",
            Step::Cgroup => "enter the control group for",
            Step::Netns => "enter the network namespace for",
            Step::DevNull => "open the null device",
            Step::MoveDescriptor => "make descriptor",
            Step::ProcessGroup => "lead a process group for",
            Step::Session => "lead a session for",
            Step::Terminal => "make stdin the controlling terminal of",
            Step::Daemon => "make a daemon of",
            Step::Pidfile => "write the pidfile",
            Step::PidfileLock => "lock the pidfile",
            Step::SeLinux => "set the SELinux label",
            Step::AppArmor => "set the AppArmor profile",
            Step::OomScoreAdj => "set the OOM score adjustment to",
            Step::Limit => "set the limit",
            Step::Nice => "set the nice value to",
            Step::Cpus => "run on the CPUs",
            Step::SchedCore => "set the core scheduling cookie, from process",
            Step::PreExec => "run the `pre_exec` of",
            Step::BoundingSet => "drop from the bounding set",
            Step::Groups => "set the supplementary groups, in number",
            Step::Gid => "set the group id to",
            Step::Uid => "set the user id to",
            Step::Capabilities => "set the capabilities",
            Step::Ambient => "raise in the ambient set",
            Step::NoNewPrivs => "set no_new_privs for",
            Step::Chdir => "change directory to",
            Step::ParentDeathSignal => "ask for the parent's death to be told by",
            Step::Handshake => "wait for the word to start",
            Step::UnblockSignals => "empty the signal mask of",
            Step::Exec => "execute",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::OpenStream => "open stream",
            Step::Pipe => "pipe",
            Step::Data => "data",
            Step::Thread => "thread",
            Step::Stack => "map stack",
            Step::Clone => "clone",
            Step::Report => "report",
            Step::User => "user",
            Step::MakeCgroup => "make cgroup",
            Step::ResetSignals => "reset signals",
            Step::Umask => "umask",
            Step::CloseDescriptors => "close descriptors",
            Step::Cgroup => "cgroup",
            Step::Netns => "netns",
            Step::DevNull => "/dev/null",
            Step::MoveDescriptor => "move descriptor",
            Step::ProcessGroup => "process group",
            Step::Session => "session",
            Step::Terminal => "terminal",
            Step::Daemon => "daemon",
            Step::Pidfile => "pidfile",
            Step::PidfileLock => "pidfile lock",
            Step::SeLinux => "selinux",
            Step::AppArmor => "apparmor",
            Step::OomScoreAdj => "oom_score_adj",
            Step::Limit => "limits",
            Step::Nice => "nice",
            Step::Cpus => "cpus",
            Step::SchedCore => "sched_core",
            Step::PreExec => "pre_exec",
            Step::BoundingSet => "bounding set",
            Step::Groups => "groups",
            Step::Gid => "gid",
            Step::Uid => "uid",
            Step::Capabilities => "capabilities",
            Step::Ambient => "ambient set",
            Step::NoNewPrivs => "no_new_privs",
            Step::Chdir => "chdir",
            Step::ParentDeathSignal => "pdeathsig",
            Step::Handshake => "handshake",
            Step::UnblockSignals => "unblock signals",
            Step::Exec => "exec",
        })
    }
}
