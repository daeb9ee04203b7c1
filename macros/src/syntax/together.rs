//! Facts about several entries of a declaration together.

use super::process::Process;
use super::stdio::{Kind, What};
use super::{Entry, Setting};

/// Whether the streams exclude each other, or a daemon: no way of running the command would be right.
pub(crate) fn cannot_run(entries: &[Entry]) -> bool {
    let is_pipe = |kind: &Kind| matches!(kind.what, What::Pipe { .. });
    kinds(entries).any(Kind::is_served) && (is_daemon(entries) || kinds(entries).any(is_pipe))
}

/// The kinds of the streams that were given by themselves.
pub(crate) fn kinds(entries: &[Entry]) -> impl Iterator<Item = &Kind> {
    entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Stream(_, kind) => Some(kind),
        _ => None,
    })
}

pub(crate) fn is_daemon(entries: &[Entry]) -> bool {
    entries.iter().any(|entry| matches!(&entry.setting, Setting::Process(Process::Daemonize)))
}
