//! The words of the language, in tables: the keys of a declaration, the kinds of its streams, the terms of its
//! environment.

/// The keys: `words! { callback }` gives all rows to the macro `callback`. A row has the documentation, the name, the
/// variant of [`Key`] and the [`Form`]. After `barred` stands why a daemon cannot have the key.
///
/// The form tells how the value is parsed, checked and expanded, and which function sets it in the runtime:
///
/// | form | written | in the runtime |
/// |---|---|---|
/// | `flag` | `key` | sets the field `key: bool` of `Settings` |
/// | `number(type)` | `key: expression` | sets the field `key: Option<type>` |
/// | `number(type, range, RULE, "noun")` | | the same; a literal outside the range is refused by this rule |
/// | `fd` | `key: fd(&file)` | sets the field `key: Option<usize>` to its place among those that the command holds |
/// | `text` | `key: value` | a function of its own gets the text |
/// | `own`, `own_flag` | with or without a value | parsing, check, expansion and setter are written by hand |
macro_rules! words {
    ($callback:ident) => {
        $callback! {
            /// `args: ["--all", "--file" = path, ("--domain", name), ..list, if c { "--debug" }]`: the arguments, each
            /// item one, or two in a pair of parentheses.
            args = Args: own;
            /// `argv0: value`: the text in `argv[0]`, instead of the program's path.
            argv0 = Argv0: own;
            /// `env: pass_common + pass(DISPLAY) + { TERM = "xterm" }`: the environment, of [terms](super::env).
            /// Absent: the parent's.
            env = Env: own;
            /// `cwd: path`, `cwd: fd(dir)`: the child's directory, an absolute path or a descriptor.
            cwd = Cwd: own, barred "a daemon runs in `/`: remove `cwd`";
            /// `stdin: kind`: what the program reads, of one of [these kinds](super::stdin).
            stdin = Stdin: own;
            /// `stdout: kind`: where its output goes, to one of [these kinds](super::stdout).
            stdout = Stdout: own;
            /// `stderr: kind`: where its messages go, to one of [these kinds](super::stderr).
            stderr = Stderr: own;
            /// `stdio: inherit`, `stdio: null`: all three streams.
            stdio = Stdio: own;
            /// `umask: 0o027`: the child's file mode creation mask, 0 to 0o777: umask(2).
            umask = Umask: own;
            /// `status: success(0, 4)`, `code`, `raw`: which [endings](super::status) are no error.
            status = Status: own, barred "no process waits for a daemon, so its status is never known: remove `status`";
            /// `timeout: duration`, `timeout: after(duration, signal = SIGINT, grace = g)`: then SIGTERM or another
            /// [signal](super::signals), and SIGCONT; after the grace (2 s) SIGKILL, to the process group where one was
            /// declared.
            timeout = Timeout: own, barred "no process is left to enforce the timeout of a daemon: remove `timeout`";
            /// `fds: [&kept, moved, 5 = &at_five, name = data(bytes), ..list]`: the descriptors that the child gets
            /// beside its streams; every other one is closed.
            fds = Fds: own;
            /// `daemonize`: the program leads a session, runs in `/` and has no parent that waits for it; `run` returns
            /// after exec.
            daemonize = Daemonize: own_flag;
            /// `pidfile: path`: of a daemon, locked (F_SETLK) and written before `run` returns.
            pidfile = Pidfile: own;
            /// `caps: clear`, `caps: keep(NET_ADMIN, …)`: exactly none, or exactly [these](super::caps) capabilities:
            /// capabilities(7).
            caps = Caps: own;
            /// `user: name`: all ids and supplementary groups of this user: getpwnam(3), getgrouplist(3).
            user = User: text;
            /// `uid: n`, with `gid` and `groups`: all ids, by numbers: setresuid(2).
            uid = Uid: own;
            /// `gid: n`, with `uid` and `groups`: setresgid(2).
            gid = Gid: own;
            /// `groups: [n, m]`, with `uid` and `gid`: the supplementary groups: setgroups(2).
            groups = Groups: own;
            /// `limits: [nofile = 1024, core = (0, unlimited)]`: [resource limits](super::limits), soft and hard:
            /// prlimit(2).
            limits = Limits: own;
            /// `nice: n`: the nice value, -20 to 19: setpriority(2).
            nice = Nice: number(i32, -20..=19, NICE_RANGE, "nice value");
            /// `oom_score_adj: n`: how readily the kernel kills the program when memory is short, -1000 (never) to
            /// 1000: proc_pid_oom_score_adj(5).
            oom_score_adj = OomScoreAdj: number(i32, -1000..=1000, OOM_SCORE_ADJ_RANGE, "OOM score adjustment");
            /// `cpus: [0, 1]`: the CPUs that the program may run on, by their numbers; all of them must exist:
            /// sched_setaffinity(2).
            cpus = Cpus: own;
            /// `no_new_privs`: executing a program gains no privileges: PR_SET_NO_NEW_PRIVS(2const).
            no_new_privs = NoNewPrivs: flag;
            /// `pdeathsig: SIGTERM`: the [signal](super::signals) that the child gets when the *thread* that started it
            /// ends: PR_SET_PDEATHSIG(2const).
            pdeathsig = Pdeathsig: own, barred "a daemon outlives its parent: remove `pdeathsig`";
            /// `process_group`: leads a process group of its own, which is ended with the command: setpgid(2).
            process_group = ProcessGroup: own_flag, barred "a daemon already leads a session: remove this key";
            /// `session`, `session(terminal)`: leads a session, with stdin as the controlling terminal; its process
            /// group is ended with the command: setsid(2).
            session = Session: own_flag, barred "a daemon already leads a session: remove this key";
            /// `descendants: kill`, `descendants: leave`: whether [descendants](super::descendants) of the program
            /// are killed when the command ends.
            descendants = Descendants: own;
            /// `cgroup: fd(folder)`: starts in this control group of version 2: cgroups(7).
            cgroup = Cgroup: fd;
            /// `netns: fd(namespace)`: starts in this network namespace: setns(2).
            netns = Netns: fd;
            /// `sched_core: new`, `sched_core: share(pid)`: a core scheduling group of its own, or another process's:
            /// PR_SCHED_CORE(2const).
            sched_core = SchedCore: own;
            /// `selinux: label`: the SELinux context that the program is executed in.
            selinux = SeLinux: text;
            /// `apparmor: profile`: the AppArmor profile that the program is executed in.
            apparmor = AppArmor: text;
            /// `pre_exec: unsafe { f }`: `f` runs in a forked child, before its directory, ids and capabilities
            /// change. Its error is returned as its errno, or, without one, as its message of at most 500 bytes, with
            /// `ErrorKind::Other`.
            pre_exec = PreExec: own;
            /// `handshake`: the child waits before exec until the parent releases it: `spawn` returns a
            /// [`Pending`](crate::Pending).
            handshake = Handshake: own_flag;
            /// `shell_script: "… \"$1\""`: the only way to give a shell a script: a literal, to which `args` are `$1`
            /// and so on.
            shell_script = ShellScript: own;
        }
    };
}

pub(crate) use words;

/// How a key is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Flag,
    Number,
    Fd,
    Text,
    Own,
    OwnFlag,
}

macro_rules! form {
    (flag) => {
        Form::Flag
    };
    (number) => {
        Form::Number
    };
    (fd) => {
        Form::Fd
    };
    (text) => {
        Form::Text
    };
    (own) => {
        Form::Own
    };
    (own_flag) => {
        Form::OwnFlag
    };
}

macro_rules! keys {
    ($(
        $(#[$doc:meta])*
        $name:ident = $variant:ident: $form:ident $(($($operand:tt)*))? $(, barred $why:literal)?;
    )*) => {
        /// A key that a declaration can set.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Key {
            $($variant),*
        }

        const KEYS: &[Key] = &[$(Key::$variant),*];

        impl Key {
            pub(crate) fn name(self) -> &'static str {
                match self {
                    $(Key::$variant => stringify!($name)),*
                }
            }

            pub(crate) fn form(self) -> Form {
                match self {
                    $(Key::$variant => form!($form)),*
                }
            }

            /// Why a daemon cannot have it, for a help.
            pub(crate) fn why_no_daemon(self) -> Option<&'static str> {
                match self {
                    $($(Key::$variant => Some($why),)?)*
                    _ => None,
                }
            }
        }
    };
}

words! { keys }

impl Key {
    /// Whether it is written without a value.
    pub(crate) fn is_flag(self) -> bool {
        matches!(self.form(), Form::Flag | Form::OwnFlag)
    }
}

/// The key of this name.
pub(crate) fn key(word: &str) -> Option<Key> {
    KEYS.iter().copied().find(|key| key.name() == word)
}

pub(crate) fn key_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|key| key.name())
}

/// One of the child's three standard streams.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stream {
    Stdin,
    Stdout,
    Stderr,
}

impl Stream {
    /// Its descriptor in the child.
    pub(crate) fn index(self) -> usize {
        self as usize
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Stream::Stdin => "stdin",
            Stream::Stdout => "stdout",
            Stream::Stderr => "stderr",
        }
    }

    /// The kinds that this stream can be given.
    pub(crate) fn kinds(self) -> &'static [&'static str] {
        match self {
            Stream::Stdin => &["null", "inherit", "buffer", "file", "fd", "pipe"],
            Stream::Stdout => &OUTPUTS[..OUTPUTS.len() - 1],
            Stream::Stderr => OUTPUTS,
        }
    }
}

/// The kinds of `stderr`. The last is not one of `stdout`.
const OUTPUTS: &[&str] = &[
    "null",
    "inherit",
    "log",
    "buffer",
    "text",
    "file_buffer",
    "lines",
    "split",
    "file",
    "append",
    "fd",
    "pipe",
    "stdout",
];

/// Terms of an environment.
pub(crate) const ENV_TERMS: &[&str] = &["inherit", "empty", "pass_common", "pass", "xdg", "remove"];

/// Words around a value.
pub(crate) const MARKS: &[&str] = &["verbatim", "secret", "fd", "data", "after"];

/// Words of `status`.
pub(crate) const STATUSES: &[&str] = &["success", "code", "raw"];

/// Words of `descendants`.
pub(crate) const DESCENDANTS: &[&str] = &["kill", "leave"];
