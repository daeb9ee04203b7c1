//! The rules of a declaration: each a function that adds what it finds to the report, none stopping another.

mod args;
mod daemon;
mod env;
mod fds;
mod process;
mod program;
mod shell_script;
pub(crate) mod status;
mod stdio;
mod umask;
mod value;

use crate::report::Report;
use crate::syntax::args::Item;
use crate::syntax::process::Process;
use crate::syntax::{Declaration, Entry, Program, Setting};

pub(crate) fn declaration(declaration: &Declaration, report: &mut Report) {
    if let Program::Path(path) = &declaration.program {
        program::path(path, report);
    }
    each_key_once(&declaration.entries, report);
    stdio::each_stream_once(&declaration.entries, report);
    process::ids_together(&declaration.entries, report);
    process::one_leader(&declaration.entries, report);
    daemon::daemon(declaration, report);
    fds::names(&declaration.entries, report);
    shell_script::shell_script(declaration, report);
    for entry in &declaration.entries {
        match &entry.setting {
            Setting::Args(items) => args::items(items, report),
            Setting::Argv0(value) => {
                value::unmarked(value, "`argv0`", report);
                value::no_nul(value, "`argv0`", report);
            }
            Setting::Env(environment) => env::environment(environment, report),
            Setting::Cwd(path) => value::absolute_path(path, "cwd", report),
            Setting::Umask(mask) => umask::mask(mask, report),
            Setting::Stream(_, kind) | Setting::Stdio(kind) => stdio::kind(kind, report),
            Setting::Status(accepted) => status::status(accepted, report),
            Setting::Timeout(_) | Setting::ShellScript(_) => {}
            Setting::Fds(passed) => fds::list(passed, report),
            Setting::Process(Process::Pidfile(path)) => daemon::pidfile(path, report),
            Setting::Process(process) => process::process(process, report),
        }
    }
}

pub(crate) fn arguments(items: &[Item], report: &mut Report) {
    args::items(items, report);
    fds::none_in(items, report);
}

fn each_key_once(entries: &[Entry], report: &mut Report) {
    for (index, entry) in entries.iter().enumerate() {
        if entries[..index].iter().any(|earlier| earlier.key == entry.key) {
            report.error(&entry.key, format!("`{}` is given twice", entry.key));
        }
    }
}
