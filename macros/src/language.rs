//! The words of the language, in tables: the keys of a declaration, the kinds of its streams, the terms of its
//! environment. What is not built yet stands here too, so that the tables are whole.

use syn::Ident;

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
}

const KEYS: &[(&str, Option<Key>)] = &[
    ("args", Some(Key::Args)),
    ("argv0", Some(Key::Argv0)),
    ("env", Some(Key::Env)),
    ("cwd", Some(Key::Cwd)),
    ("stdin", Some(Key::Stdin)),
    ("stdout", Some(Key::Stdout)),
    ("stderr", Some(Key::Stderr)),
    ("stdio", Some(Key::Stdio)),
    ("umask", Some(Key::Umask)),
    ("status", Some(Key::Status)),
    ("timeout", Some(Key::Timeout)),
    ("fds", None),
    ("daemonize", None),
    ("pidfile", None),
    ("caps", None),
    ("user", None),
    ("uid", None),
    ("gid", None),
    ("groups", None),
    ("limits", None),
    ("nice", None),
    ("no_new_privs", None),
    ("pdeathsig", None),
    ("process_group", None),
    ("session", None),
    ("cgroup", None),
    ("netns", None),
    ("sched_core", None),
    ("selinux", None),
    ("apparmor", None),
    ("pre_exec", None),
    ("handshake", None),
    ("shell_script", None),
];

/// What a word in a key's place is.
pub(crate) enum Lookup {
    Key(Key),
    NotBuiltYet,
    Unknown,
}

pub(crate) fn key(word: &Ident) -> Lookup {
    match KEYS.iter().find(|(name, _)| word == name) {
        Some((_, Some(key))) => Lookup::Key(*key),
        Some((_, None)) => Lookup::NotBuiltYet,
        None => Lookup::Unknown,
    }
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
            Stream::Stdout => {
                &["null", "inherit", "log", "buffer", "text", "lines", "split", "file", "append", "fd", "pipe"]
            }
            Stream::Stderr => &[
                "null", "inherit", "log", "buffer", "text", "lines", "split", "file", "append", "fd", "pipe", "stdout",
            ],
        }
    }
}

/// Terms of an environment.
pub(crate) const ENV_TERMS: &[&str] = &["inherit", "empty", "pass_common", "pass", "xdg", "remove"];

/// Words of `status`.
pub(crate) const STATUSES: &[&str] = &["success", "code", "raw"];
