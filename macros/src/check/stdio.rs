//! Rules for the streams.

use super::value;
use crate::report::Report;
use crate::syntax::stdio::{Choice, Kind, What};
use crate::syntax::{Entry, Setting};

pub(super) fn kind(kind: &Kind, report: &mut Report) {
    match &kind.what {
        What::File(path) | What::Append(path) => value::path(path, "the file", report),
        What::Choice(Choice::If { then, otherwise, .. }) => {
            self::kind(then, report);
            self::kind(otherwise, report);
        }
        What::Choice(Choice::Match { arms, .. }) => arms.iter().for_each(|(_, arm)| self::kind(arm, report)),
        _ => {}
    }
}

/// `stdio` is said of all three streams: none of them is given again beside it.
pub(super) fn each_stream_once(entries: &[Entry], report: &mut Report) {
    let Some(all) = entries.iter().find(|entry| matches!(entry.setting, Setting::Stdio(_))) else { return };
    for entry in entries.iter().filter(|entry| matches!(entry.setting, Setting::Stream(..))) {
        report.error_with_help(
            &entry.key,
            format!("`{}` is given twice: `{}` sets it too", entry.key, all.key),
            "leave `stdio` out and give each stream its own kind",
        );
    }
}
