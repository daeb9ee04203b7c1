//! Rules for daemons: nobody waits for one, and it runs in `/`.

use super::value;
use crate::report::Report;
use crate::rules;
use crate::syntax::process::Process;
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
        "`pidfile` without `daemonize`",
        ["only a daemon has a pidfile: add `daemonize`"],
    );
}

/// Who started a daemon is not there when it ends.
fn descendants(entry: &Entry, report: &mut Report) {
    report.refuse(
        &rules::DESCENDANTS,
        &entry.key,
        "`descendants: kill` of a daemon",
        ["nobody is there to kill them when it ends: leave `descendants` out"],
    );
}

fn not_of_a_daemon(entry: &Entry, report: &mut Report) {
    let why = match &entry.setting {
        Setting::Cwd(_) | Setting::Process(Process::Directory(_)) => "a daemon runs in `/`: leave `cwd` out",
        Setting::Timeout(_) => "nobody is there to end a daemon in time: leave `timeout` out",
        Setting::Status(_) => "nobody waits for a daemon, whose status is never known: leave `status` out",
        Setting::Process(Process::Pdeathsig(_)) => "a daemon outlives its parent: leave `pdeathsig` out",
        Setting::Process(Process::LeadsGroup | Process::Session { .. }) => {
            "a daemon leads a session of its own: leave this out"
        }
        _ => return,
    };
    report.refuse(&rules::DAEMON, &entry.key, format!("`{}` of a daemon", entry.key), [why]);
}

pub(super) fn pidfile(path: &crate::syntax::value::Value, report: &mut Report) {
    value::relative_path(path, "pidfile", report);
}
