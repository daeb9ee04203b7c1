//! Rules for daemons: one runs in `/`, and no process waits for it.

use super::value;
use crate::language::words::{self, Key};
use crate::report::Report;
use crate::rules;
use crate::syntax::settings::Process;
use crate::syntax::{Declaration, Entry, Program, Setting};

pub(super) fn daemon(declaration: &Declaration, report: &mut Report) {
    let entries = &declaration.entries;
    let find = |is: fn(&Process) -> bool| {
        entries.iter().find(|entry| matches!(&entry.setting, Setting::Process(process) if is(process)))
    };
    if find(|process| matches!(process, Process::Daemonize)).is_some() {
        entries.iter().for_each(|entry| not_of_a_daemon(entry, report));
        if let Some(entry) = find(|process| matches!(process, Process::Descendants { kill: true })) {
            descendants(entry, report);
        }
    } else if let Some(pidfile) = find(|process| matches!(process, Process::Pidfile(_)))
        && !matches!(declaration.program, Program::Base(_))
    {
        pidfile_without_daemonize(pidfile, report);
    }
}

fn pidfile_without_daemonize(pidfile: &Entry, report: &mut Report) {
    report.refuse(
        &rules::PIDFILE_WITHOUT_DAEMONIZE,
        &pidfile.key,
        "`pidfile` requires `daemonize`",
        ["only a daemon has a pidfile: add `daemonize`"],
    );
}

/// The process that started a daemon may have ended before it, so no process is left to kill its descendants.
fn descendants(entry: &Entry, report: &mut Report) {
    report.refuse(
        &rules::DESCENDANTS,
        &entry.key,
        "`descendants: kill` cannot be used with `daemonize`",
        ["no process is left to kill them when the daemon ends: remove `descendants`"],
    );
}

fn not_of_a_daemon(entry: &Entry, report: &mut Report) {
    if let Some(why) = words::key(&entry.key.to_string()).and_then(Key::why_no_daemon) {
        report.refuse(&rules::DAEMON, &entry.key, format!("`{}` cannot be used with `daemonize`", entry.key), [why]);
    }
}

pub(super) fn pidfile(path: &crate::syntax::value::Value, report: &mut Report) {
    value::relative_path(path, "pidfile", report);
}
