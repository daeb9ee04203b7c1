//! The keys of a declaration: what an editor shows on `stdout` in `stdout: buffer` is written here.

/// A key of a declaration.
#[derive(Clone, Copy, Debug)]
pub struct Key(());

/// `args: ["--all", "--file" = path, ("--domain", name), ..list, if c { "--debug" }]`: the arguments, each item one, or two in a pair of parentheses.
pub const args: Key = Key(());
/// `argv0: value`: the text in `argv[0]`, instead of the program's path.
pub const argv0: Key = Key(());
/// `env: pass_common + pass(DISPLAY) + { TERM = "xterm" }`: the environment, of [terms](super::env). Absent: the parent's.
pub const env: Key = Key(());
/// `cwd: path`, `cwd: fd(dir)`: the child's directory, an absolute path or a descriptor.
pub const cwd: Key = Key(());
/// `stdin: kind`: what the program reads, of one of [these kinds](super::stdin).
pub const stdin: Key = Key(());
/// `stdout: kind`: where its output goes, to one of [these kinds](super::stdout).
pub const stdout: Key = Key(());
/// `stderr: kind`: where its messages go, to one of [these kinds](super::stderr).
pub const stderr: Key = Key(());
/// `stdio: inherit`, `stdio: null`: all three streams.
pub const stdio: Key = Key(());
/// `umask: 0o027`: the child's file mode creation mask, 0 to 0o777: umask(2).
pub const umask: Key = Key(());
/// `status: success(0, 4)`, `code`, `raw`: which [endings](super::status) are no error.
pub const status: Key = Key(());
/// `timeout: duration`, `timeout: after(duration, signal = SIGINT, grace = g)`: then SIGTERM or another [signal](super::signals), and SIGCONT; after the grace (2 s) SIGKILL, to the process group where one was declared.
pub const timeout: Key = Key(());
/// `fds: [&kept, moved, 5 = &at_five, name = data(bytes), ..list]`: the descriptors that the child gets beside its streams; every other is closed.
pub const fds: Key = Key(());
/// `daemonize`: the program leads a session, runs in `/` and belongs to nobody; `run` returns when it was executed.
pub const daemonize: Key = Key(());
/// `pidfile: path`: of a daemon, locked (F_SETLK) and written before `run` returns.
pub const pidfile: Key = Key(());
/// `caps: clear`, `caps: keep(NET_ADMIN, …)`: exactly none, or exactly [these](super::caps) capabilities: capabilities(7).
pub const caps: Key = Key(());
/// `user: name`: all ids and supplementary groups of this user: getpwnam(3), getgrouplist(3).
pub const user: Key = Key(());
/// `uid: n`, with `gid` and `groups`: all ids, by numbers: setresuid(2).
pub const uid: Key = Key(());
/// `gid: n`, with `uid` and `groups`: setresgid(2).
pub const gid: Key = Key(());
/// `groups: [n, m]`, with `uid` and `gid`: the supplementary groups: setgroups(2).
pub const groups: Key = Key(());
/// `limits: [nofile = 1024, core = (0, unlimited)]`: [resource limits](super::limits), soft and hard: prlimit(2).
pub const limits: Key = Key(());
/// `nice: n`: the nice value, -20 to 19: setpriority(2).
pub const nice: Key = Key(());
/// `no_new_privs`: nothing is gained by executing a program: PR_SET_NO_NEW_PRIVS(2const).
pub const no_new_privs: Key = Key(());
/// `pdeathsig: SIGTERM`: the [signal](super::signals) that the child gets when the *thread* that started it ends: PR_SET_PDEATHSIG(2const).
pub const pdeathsig: Key = Key(());
/// `process_group`: leads a process group of its own, which ends with the command: setpgid(2).
pub const process_group: Key = Key(());
/// `session`, `session(terminal)`: leads a session, with its stdin as the controlling terminal; what is in its process group ends with the command: setsid(2).
pub const session: Key = Key(());
/// `descendants: kill`, `descendants: leave`: [what becomes](super::descendants) of what the program has started when the command ends.
pub const descendants: Key = Key(());
/// `cgroup: fd(folder)`: starts in this control group of version 2: cgroups(7).
pub const cgroup: Key = Key(());
/// `netns: fd(namespace)`: starts in this network namespace: setns(2).
pub const netns: Key = Key(());
/// `sched_core: new`, `sched_core: share(pid)`: a core scheduling group of its own, or another process's: PR_SCHED_CORE(2const).
pub const sched_core: Key = Key(());
/// `selinux: label`: the SELinux context that the program is executed in.
pub const selinux: Key = Key(());
/// `apparmor: profile`: the AppArmor profile that the program is executed in.
pub const apparmor: Key = Key(());
/// `pre_exec: unsafe { f }`: `f` runs in the child, last before its directory, ids and capabilities change. Such a child is forked.
/// Its error comes back as its errno; where it has none, as its message, of no more than 500 bytes (a pipe takes it at
/// once), and its `ErrorKind` is `Other`.
pub const pre_exec: Key = Key(());
/// `handshake`: the child stops before exec until the parent says go: `spawn` gives a [`Pending`](crate::Pending).
pub const handshake: Key = Key(());
/// `shell_script: "… \"$1\""`: the one way to give a shell a script: a literal, which gets `args` as `$1` and so on.
pub const shell_script: Key = Key(());
