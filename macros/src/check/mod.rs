//! The rules of a declaration. Each rule is a function that adds its findings to the report, so that all of them are
//! reported at once.

mod args;
mod daemon;
mod env;
mod fds;
mod finding;
mod program;
mod settings;
mod shell_script;
pub(crate) mod status;
pub(crate) mod stdio;
mod umask;
mod value;
mod wording;

use crate::report::Report;
use crate::rules;
use crate::syntax::args::Item;
use crate::syntax::settings::Process;
use crate::syntax::{Cwd, Declaration, Entry, Program, Setting};

pub(crate) fn declaration(declaration: &Declaration, report: &mut Report) {
    if let Program::Path(path) = &declaration.program {
        program::program(path, report);
    }
    key_given_twice(&declaration.entries, report);
    stdio::each_stream_once(&declaration.entries, report);
    stdio::served_streams(&declaration.entries, report);
    settings::ids_together(&declaration.entries, report);
    settings::one_leader(&declaration.entries, report);
    daemon::daemon(declaration, report);
    fds::names(&declaration.entries, report);
    shell_script::shell_script(declaration, report);
    let items = declaration.entries.iter().filter_map(|entry| match &entry.setting {
        Setting::Args(items) => Some(items),
        _ => None,
    });
    let program = match &declaration.program {
        Program::Path(path) => Some(path),
        Program::Missing | Program::Base(_) => None,
    };
    let has_script = declaration.entries.iter().any(|entry| matches!(entry.setting, Setting::ShellScript(_)));
    args::examine(program, has_script, items.flatten(), report);
    for entry in &declaration.entries {
        match &entry.setting {
            Setting::Args(items) => args::marks::items(items, report),
            Setting::Argv0(value) => {
                value::misplaced_mark(value, "`argv0`", report);
                value::nul(value, "`argv0`", report);
            }
            Setting::Env(environment) => env::environment(environment, report),
            Setting::Cwd(Cwd::Path(path)) => value::relative_path(path, "cwd", report),
            Setting::Cwd(Cwd::Fd(_)) => {}
            Setting::Umask(mask) => umask::umask(mask, report),
            Setting::Stream(_, kind) | Setting::Stdio(kind) => stdio::kind(kind, report),
            Setting::Status(accepted) => status::exit_code(accepted, report),
            Setting::Timeout(timeout) => settings::timeout(timeout, report),
            Setting::ShellScript(_) => {}
            Setting::Fds(passed) => fds::list(passed, report),
            Setting::Process(Process::Pidfile(path)) => daemon::pidfile(path, report),
            Setting::Process(process) => settings::process(process, report),
        }
    }
}

pub(crate) fn arguments(items: &[Item], report: &mut Report) {
    args::marks::items(items, report);
    args::examine(None, false, items, report);
    fds::none_in(items, report);
}

fn key_given_twice(entries: &[Entry], report: &mut Report) {
    for (index, entry) in entries.iter().enumerate() {
        if entries[..index].iter().any(|earlier| earlier.key == entry.key) {
            report.refuse(
                &rules::KEY_GIVEN_TWICE,
                &entry.key,
                format!("`{}` is specified more than once", entry.key),
                [],
            );
        }
    }
}
