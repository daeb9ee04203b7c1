//! The words of the language, in tables: the keys of a declaration, the kinds of its streams, the terms of its
//! environment, the names of limits, capabilities and signals.

/// A key that a declaration can set.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Key {
    Args,
    Argv0,
    Env,
    Cwd,
    Stdin,
    Stdout,
    Stderr,
    Stdio,
    Umask,
    Status,
    Timeout,
    Caps,
    User,
    Uid,
    Gid,
    Groups,
    Limits,
    Nice,
    NoNewPrivs,
    Pdeathsig,
    ProcessGroup,
    Session,
    Descendants,
    Cgroup,
    Netns,
    SchedCore,
    SeLinux,
    AppArmor,
    Daemonize,
    Pidfile,
    Fds,
    ShellScript,
    PreExec,
    Handshake,
}

impl Key {
    /// Whether it is written without a value.
    pub(crate) fn is_flag(self) -> bool {
        matches!(self, Key::NoNewPrivs | Key::ProcessGroup | Key::Session | Key::Daemonize | Key::Handshake)
    }
}

const KEYS: &[(&str, Key)] = &[
    ("args", Key::Args),
    ("argv0", Key::Argv0),
    ("env", Key::Env),
    ("cwd", Key::Cwd),
    ("stdin", Key::Stdin),
    ("stdout", Key::Stdout),
    ("stderr", Key::Stderr),
    ("stdio", Key::Stdio),
    ("umask", Key::Umask),
    ("status", Key::Status),
    ("timeout", Key::Timeout),
    ("fds", Key::Fds),
    ("daemonize", Key::Daemonize),
    ("pidfile", Key::Pidfile),
    ("caps", Key::Caps),
    ("user", Key::User),
    ("uid", Key::Uid),
    ("gid", Key::Gid),
    ("groups", Key::Groups),
    ("limits", Key::Limits),
    ("nice", Key::Nice),
    ("no_new_privs", Key::NoNewPrivs),
    ("pdeathsig", Key::Pdeathsig),
    ("process_group", Key::ProcessGroup),
    ("session", Key::Session),
    ("descendants", Key::Descendants),
    ("cgroup", Key::Cgroup),
    ("netns", Key::Netns),
    ("sched_core", Key::SchedCore),
    ("selinux", Key::SeLinux),
    ("apparmor", Key::AppArmor),
    ("pre_exec", Key::PreExec),
    ("handshake", Key::Handshake),
    ("shell_script", Key::ShellScript),
];

/// The key of this name.
pub(crate) fn key(word: &str) -> Option<Key> {
    KEYS.iter().find(|(name, _)| *name == word).map(|(_, key)| *key)
}

pub(crate) fn key_names() -> impl Iterator<Item = &'static str> {
    KEYS.iter().map(|(name, _)| *name)
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
            Stream::Stdout => &[
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
            ],
            Stream::Stderr => &[
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
            ],
        }
    }
}

/// Terms of an environment.
pub(crate) const ENV_TERMS: &[&str] = &["inherit", "empty", "pass_common", "pass", "xdg", "remove"];

/// Words around a value.
pub(crate) const MARKS: &[&str] = &["verbatim", "secret", "fd", "data", "after"];

/// Words of `status`.
pub(crate) const STATUSES: &[&str] = &["success", "code", "raw"];

/// Words of `descendants`.
pub(crate) const DESCENDANTS: &[&str] = &["kill", "leave"];

/// Limits of `limits`.
pub(crate) const LIMITS: &[&str] = &[
    "cpu",
    "fsize",
    "data",
    "stack",
    "core",
    "rss",
    "nproc",
    "nofile",
    "memlock",
    "address_space",
    "locks",
    "sigpending",
    "msgqueue",
    "nice",
    "rtprio",
    "rttime",
];

/// Capabilities of `keep(…)`.
pub(crate) const CAPABILITIES: &[&str] = &[
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
];

/// Signals of `pdeathsig` and of `timeout`.
pub(crate) const SIGNALS: &[&str] = &[
    "SIGHUP",
    "SIGINT",
    "SIGQUIT",
    "SIGILL",
    "SIGTRAP",
    "SIGABRT",
    "SIGBUS",
    "SIGFPE",
    "SIGKILL",
    "SIGUSR1",
    "SIGSEGV",
    "SIGUSR2",
    "SIGPIPE",
    "SIGALRM",
    "SIGTERM",
    "SIGSTKFLT",
    "SIGCHLD",
    "SIGCONT",
    "SIGSTOP",
    "SIGTSTP",
    "SIGTTIN",
    "SIGTTOU",
    "SIGURG",
    "SIGXCPU",
    "SIGXFSZ",
    "SIGVTALRM",
    "SIGPROF",
    "SIGWINCH",
    "SIGIO",
    "SIGPWR",
    "SIGSYS",
];
