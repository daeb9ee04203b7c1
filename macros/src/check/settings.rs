//! Rules for identity, privileges, limits and sessions.

use super::value;
use crate::language::names::{CAPABILITIES, LIMITS, SIGNALS};
use crate::language::words::{Key, words};
use crate::report::Report;
use crate::rules::{self, Rule};
use crate::suggest;
use crate::syntax::settings::{Limit, Process};
use crate::syntax::timeout::Timeout;
use crate::syntax::value::Value;
use crate::syntax::{Entry, Setting, together};
use std::ops::RangeInclusive;
use syn::{Expr, ExprLit, Ident, Lit};

pub(super) fn process(process: &Process, report: &mut Report) {
    match process {
        Process::Caps(names) => {
            names.iter().for_each(|name| unknown_name(name, "capability", CAPABILITIES, report));
            named_twice(names.iter(), report);
        }
        Process::Limits(limits) => {
            for limit in limits {
                unknown_name(&limit.name, "limit", LIMITS, report);
                limit_range(limit, report);
            }
            named_twice(limits.iter().map(|limit| &limit.name), report);
        }
        Process::Pdeathsig(signal) => unknown_name(signal, "signal", SIGNALS, report),
        Process::Cpus(list) => empty_cpus(list, report),
        Process::Number(key, number) => number_range(*key, number, report),
        Process::Text(key, text) => {
            let shown = format!("`{}`", key.name());
            value::misplaced_mark(text, &shown, report);
            value::nul(text, &shown, report);
            if *key == Key::User {
                user_name(text, report);
            }
        }
        _ => {}
    }
}

pub(super) fn timeout(timeout: &Timeout, report: &mut Report) {
    if let Some(signal) = &timeout.signal {
        unknown_name(signal, "signal", SIGNALS, report);
    }
}

/// Requires a name of `table`, in the letter case of the table.
fn unknown_name(name: &Ident, what: &str, table: &[&str], report: &mut Report) {
    let text = name.to_string();
    if table.contains(&text.as_str()) {
        return;
    }
    let message = format!("unknown {what} `{name}`");
    // Users write names with and without the prefix `CAP_` or `SIG`.
    let bare = text.trim_start_matches("CAP_");
    let help = suggest::help(bare, table);
    let with_prefix = suggest::nearest(&format!("SIG{bare}"), table.iter().copied());
    let help = match with_prefix.filter(|_| help.starts_with("valid")) {
        Some(near) => format!("did you mean `{near}`?"),
        None => help,
    };
    report.refuse(&rules::UNKNOWN_NAME, name, message, [help.as_str()]);
}

fn named_twice<'a>(names: impl Iterator<Item = &'a Ident>, report: &mut Report) {
    let mut seen: Vec<&Ident> = Vec::new();
    for name in names {
        if seen.contains(&name) {
            report.refuse(&rules::NAMED_TWICE, name, format!("`{name}` is specified more than once"), []);
        }
        seen.push(name);
    }
}

fn user_name(name: &Value, report: &mut Report) {
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = &name.expr {
        let help = format!("write `uid: {number}, gid: {number}, groups: []` to set the ids by number");
        return report.error_with_help(&name.expr, "`user` takes a user's name", help);
    }
    if name.literal().is_some_and(<[u8]>::is_empty) {
        report.refuse(&rules::USER_NAME, &name.expr, "`user` is empty", []);
    }
}

fn empty_cpus(list: &Expr, report: &mut Report) {
    if matches!(list, Expr::Array(array) if array.elems.is_empty()) {
        report.refuse(&rules::EMPTY_CPUS, list, "`cpus` is an empty list", []);
    }
}

fn limit_range(limit: &Limit, report: &mut Report) {
    let number = |expr: &Expr| match expr {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u64>().ok(),
        _ => None,
    };
    if let Some(hard) = &limit.hard
        && let (Some(soft), Some(most)) = (number(&limit.soft), number(hard))
        && soft > most
    {
        report.refuse(&rules::LIMIT_RANGE, &limit.soft, format!("the soft limit exceeds the hard limit, {most}"), []);
    }
}

/// The numbers that a key takes, where `words!` bounds them.
struct Range {
    numbers: RangeInclusive<i64>,
    rule: &'static Rule,
    what: &'static str,
}

macro_rules! range {
    (number($type:ty, $numbers:expr, $rule:ident, $what:literal)) => {
        Some(Range { numbers: $numbers, rule: &rules::$rule, what: $what })
    };
    ($($other:tt)*) => {
        None
    };
}

macro_rules! ranges {
    ($(
        $(#[$doc:meta])*
        $name:ident = $variant:ident: $form:ident $(($($operand:tt)*))? $(, barred $why:literal)?;
    )*) => {
        fn range(key: Key) -> Option<Range> {
            match key {
                $(Key::$variant => range!($form $(($($operand)*))?),)*
            }
        }
    };
}

words! { ranges }

/// A literal outside the range of its key.
fn number_range(key: Key, value: &Expr, report: &mut Report) {
    let Some(Range { numbers, rule, what }) = range(key) else { return };
    let (negative, literal) = match value {
        Expr::Unary(unary) => (true, &*unary.expr),
        other => (false, other),
    };
    if let Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) = literal {
        let number = number.base10_parse::<i64>().map(|number| if negative { -number } else { number });
        if !number.is_ok_and(|number| numbers.contains(&number)) {
            let message = format!("invalid {what}: expected {} to {}", numbers.start(), numbers.end());
            report.refuse(rule, value, message, []);
        }
    }
}

/// All ids change together: by `user`, or by `uid`, `gid` and `groups`.
pub(super) fn ids_together(entries: &[Entry], report: &mut Report) {
    let find = |is: fn(&Process) -> bool| {
        entries.iter().find(|entry| matches!(&entry.setting, Setting::Process(process) if is(process)))
    };
    let user = find(|process| matches!(process, Process::Text(Key::User, _)));
    let ids = together::ids(entries);
    let Some((first, _)) = ids.iter().find_map(|(_, given)| *given) else { return };
    if user.is_some() {
        report.refuse(
            &rules::IDS_TOGETHER,
            &first.key,
            format!("`{}` cannot be used with `user`, which sets it too", first.key),
            ["write either `user`, or all of `uid`, `gid` and `groups`"],
        );
    } else if let Some((missing, _)) = ids.iter().find(|(_, given)| given.is_none()) {
        report.refuse(
            &rules::IDS_TOGETHER,
            &first.key,
            format!("`{}` requires `{}`", first.key, missing.name()),
            ["a remaining id lets the program regain privileges: write all of `uid`, `gid` and `groups`, or `user`"],
        );
    }
}

/// A session leader already leads a process group.
pub(super) fn one_leader(entries: &[Entry], report: &mut Report) {
    let find = |is: fn(&Process) -> bool| {
        entries.iter().find(|entry| matches!(&entry.setting, Setting::Process(process) if is(process)))
    };
    let group = find(|process| matches!(process, Process::LeadsGroup));
    if let (Some(group), Some(_)) = (group, find(|process| matches!(process, Process::Session { .. }))) {
        report.refuse(
            &rules::ONE_LEADER,
            &group.key,
            "`process_group` cannot be used with `session`",
            ["a session leader already leads a process group: remove `process_group`"],
        );
    }
}
