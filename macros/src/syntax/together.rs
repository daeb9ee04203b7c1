//! Facts that depend on several entries of a declaration.

use super::settings::Process;
use super::stdio::{Kind, What};
use super::{Entry, Setting};
use crate::language::words::Key;
use syn::Expr;

/// Whether no method can run the command, because its streams exclude each other or `daemonize`.
pub(crate) fn cannot_run(entries: &[Entry]) -> bool {
    let is_pipe = |kind: &Kind| matches!(kind.what, What::Pipe { .. });
    kinds(entries).any(Kind::is_served) && (is_daemon(entries) || kinds(entries).any(is_pipe))
}

/// The kinds of `stdin`, `stdout` and `stderr`, without that of `stdio`.
pub(crate) fn kinds(entries: &[Entry]) -> impl Iterator<Item = &Kind> {
    entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Stream(_, kind) => Some(kind),
        _ => None,
    })
}

/// The entries of `uid`, `gid` and `groups`, which are set together.
pub(crate) fn ids(entries: &[Entry]) -> [(Key, Option<(&Entry, &Expr)>); 3] {
    [Key::Uid, Key::Gid, Key::Groups].map(|wanted| {
        let found = entries.iter().find_map(|entry| match &entry.setting {
            Setting::Process(Process::Id(key, value)) if *key == wanted => Some((entry, value)),
            _ => None,
        });
        (wanted, found)
    })
}

pub(crate) fn is_daemon(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(&entry.setting, Setting::Process(Process::Daemonize)))
}
