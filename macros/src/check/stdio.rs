//! Rules for the streams.

use super::value;
use crate::report::Report;
use crate::rules;
use crate::syntax::stdio::{Choice, Kind, What};
use crate::syntax::together::{is_daemon, kinds};
use crate::syntax::{Entry, Setting};

pub(super) fn kind(kind: &Kind, report: &mut Report) {
    match &kind.what {
        What::File(path) | What::Append(path) => value::empty_path(path, "the path", report),
        What::Choice(Choice::If { then, otherwise, .. }) => {
            self::kind(then, report);
            self::kind(otherwise, report);
        }
        What::Choice(Choice::Match { arms, .. }) => arms.iter().for_each(|(_, arm)| self::kind(arm, report)),
        _ => {}
    }
}

/// `spawn` returns the other end of a pipe, `run` serves a buffer: no method could start a command with both. No
/// process serves the streams of a daemon.
pub(super) fn served_streams(entries: &[Entry], report: &mut Report) {
    let Some(served) = kinds(entries).find(|kind| kind.is_served()) else { return };
    match is_daemon(entries) {
        true => served_daemon(entries, report),
        false => pipe_beside_served_stream(entries, served, report),
    }
}

fn served_daemon(entries: &[Entry], report: &mut Report) {
    for served in kinds(entries).filter(|kind| kind.is_served()) {
        report.refuse(
            &rules::DAEMON,
            &served.word,
            format!("`{}` cannot be used with `daemonize`: no process is left to serve it", served.word),
            ["declare it `pipe` to serve it yourself, or `file`, `append`, `fd`, `inherit` or `null`"],
        );
    }
}

fn pipe_beside_served_stream(entries: &[Entry], served: &Kind, report: &mut Report) {
    for pipe in kinds(entries).filter(|kind| matches!(kind.what, What::Pipe { .. })) {
        report.refuse(
            &rules::PIPE_BESIDE_SERVED_STREAM,
            &pipe.word,
            format!("`pipe` cannot be used with `{}`", served.word),
            ["`pipe` needs `.spawn()`, the other kind needs `.run()`: declare all of them `pipe` and serve them \
              yourself, or none"],
        );
    }
}

/// `stdio` sets all three streams, so no stream may be declared beside it.
pub(super) fn each_stream_once(entries: &[Entry], report: &mut Report) {
    let Some(all) = entries.iter().find(|entry| matches!(entry.setting, Setting::Stdio(_))) else { return };
    for entry in entries.iter().filter(|entry| matches!(entry.setting, Setting::Stream(..))) {
        report.refuse(
            &rules::KEY_GIVEN_TWICE,
            &entry.key,
            format!("`{}` is already set by `{}`", entry.key, all.key),
            ["remove `stdio` and declare each stream"],
        );
    }
}
