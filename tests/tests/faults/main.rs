//! Makes each system call of a start fail once, with each relevant errno, on each tier, for each kind of command. The
//! command must run, or fail with the right step and errno, and leave nothing behind.
//!
//! `AIRTIGHT_LOAD=full` tries all combinations, `AIRTIGHT_FAULTS` those of one call or kind ([`chosen`]). The results
//! of all are the table in `runtime/docs/faults.md`, which `AIRTIGHT_BLESS=1` writes anew.

mod catalogue;
mod chosen;
mod commands;
mod shared_text;
mod state;
mod supervisor;
mod table;

use airtight_tests::{at_scale, is_root, proc_is_hidden, said, skipped};
use catalogue::{Ends, PASSED_OVER, ROWS, row_of};
use chosen::Chosen;
use commands::{KINDS, Kind, TIERS, Tier, World, errno_name, perform};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use supervisor::{Answer, Call, supervise, take_in_orphans};
use table::Table;

/// The calls of one row, by the parent or by its children. They are counted separately, since parent and child run
/// concurrently.
type Place = (usize, bool);

/// An injected fault.
#[derive(Clone, Copy)]
enum Fault {
    /// The call number `turn` of this place fails.
    Call { place: Place, turn: usize, errno: i32 },
    /// The process that makes call number `turn` overall gets a signal.
    Signal { by_parent: bool, turn: usize, signal: i32 },
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Fault::Call { place, turn, errno } => {
                write!(f, "{} {}, call {turn}", ROWS[place.0].name, errno_name(errno))
            }
            Fault::Signal { by_parent, turn, signal } => {
                let whose = if by_parent { "parent" } else { "child" };
                write!(f, "signal {signal} to the {whose} at its call {turn}")
            }
        }
    }
}

/// The result of one run.
struct Outcome {
    /// `runs`, or the step and the errno.
    ended: String,
    /// Changes that the start should not have made.
    broken: Vec<String>,
    report: String,
    /// The number of calls of each place.
    calls: BTreeMap<Place, usize>,
    /// The number of all calls by the child, and by the parent.
    in_all: [usize; 2],
    /// Calls without a row.
    unknown: BTreeSet<String>,
    /// Whether the fault was injected.
    injected: bool,
}

fn main() {
    // cargo lists the tests of every test binary.
    if std::env::args().any(|argument| argument == "--list") {
        return;
    }
    if std::env::var("RUST_TEST_THREADS").as_deref() == Ok("1") {
        return skipped("faults", "it always starts one command at a time");
    }
    // SAFETY: asks only, and opens nothing.
    let listener = unsafe { libc::syscall(libc::SYS_pidfd_getfd, -1, 0, 0) };
    if listener < 0 && std::io::Error::last_os_error().raw_os_error() != Some(libc::EBADF) {
        return skipped("faults", "its own calls are refused here: pidfd_getfd");
    }
    if proc_is_hidden() {
        return skipped("faults", "its rows name what is opened in /proc");
    }
    if cfg!(target_env = "musl") {
        return skipped("faults", "its rows name the calls that glibc makes for the parent; the child's are the same");
    }
    let _watch = airtight_tests::Watch::new();
    take_in_orphans();
    let world = World::new();
    let chosen = Chosen::new();
    let (mut table, mut faults, mut signals, mut failures) = (Table::new(), 0, 0, Vec::new());
    for (kind, kind_name) in KINDS.into_iter().filter(|(_, name)| chosen.has_kind(name)) {
        for (tier, tier_name) in TIERS.into_iter().filter(|(tier, _)| tier.is_of(kind)) {
            let place = format!("{kind_name}, {tier_name}");
            match of_column(&world, kind, tier, &chosen, &mut |row, errno, cell| {
                table.set(kind, tier, row, errno, cell);
            }) {
                Ok((injected, signalled, wrong)) => {
                    faults += injected;
                    signals += signalled;
                    failures.extend(wrong.into_iter().map(|wrong| format!("{place}: {wrong}")));
                }
                Err(wrong) => failures.push(format!("{place}: {wrong}")),
            }
        }
    }
    assert!(failures.is_empty(), "{} of {faults}:\n{}", failures.len(), failures.join("\n"));
    let never: Vec<_> = table.rows_without_a_cell().map(|row| ROWS[row].name).collect();
    if !chosen.is_all() {
        assert!(faults > 0, "no command makes these calls");
    } else if is_root() && is_full() {
        assert!(never.is_empty(), "no command makes these calls: {never:?}");
        table.compare_with_the_page(faults);
    } else {
        said("faults", "a part of them; the page is compared as root, with AIRTIGHT_LOAD=full");
    }
    println!("{faults} calls failed and {signals} signals came, and each command ended as it has to");
    println!("{} passed, 0 failed", faults + signals);
}

/// Injects every fault into one kind of command on one tier. Returns the number of failed calls, the number of signals,
/// and the violations.
fn of_column(
    world: &World,
    kind: Kind,
    tier: Tier,
    chosen: &Chosen,
    set: &mut dyn FnMut(usize, i32, String),
) -> Result<(usize, usize, Vec<String>), String> {
    let plain = attempt(world, kind, tier, None)?;
    if plain.ended != "runs" || !plain.broken.is_empty() || !plain.report.contains("SAID=this") {
        return Err(format!("without a fault: {} {:?}\n{}", plain.ended, plain.broken, plain.report));
    }
    if !plain.unknown.is_empty() {
        return Err(format!("calls that are in no row: {:?}", plain.unknown));
    }
    let (mut faults, mut wrong) = (0, Vec::new());
    let is_every = is_full() || chosen.are_calls();
    for (row, entry) in ROWS.iter().enumerate().filter(|(_, entry)| chosen.has_call(entry.name)) {
        let errnos = if is_every { usize::MAX } else { 1 };
        for (errno, ends) in entry.errnos().take(errnos) {
            let mut cell = BTreeSet::new();
            for by_parent in [true, false] {
                let place = (row, by_parent);
                let times = plain.calls.get(&place).copied().unwrap_or(0);
                for turn in turns(times, is_every) {
                    let fault = Fault::Call { place, turn, errno };
                    let outcome = attempt(world, kind, tier, Some(fault))?;
                    // The number of polls and reads varies between runs.
                    if !outcome.injected {
                        continue;
                    }
                    faults += 1;
                    if let Err(what) = judge(&plain, &outcome, errno, ends) {
                        wrong.push(format!("{fault}: {what}"));
                    }
                    // Which of the streams was being read varies too.
                    cell.insert(outcome.ended.split(" of ").next().unwrap_or_default().to_owned());
                }
            }
            if !cell.is_empty() {
                set(row, errno, cell.into_iter().collect::<Vec<_>>().join(", "));
            }
        }
    }
    // Signals come at any call: they are no fault of one.
    if chosen.are_calls() {
        return Ok((faults, 0, wrong));
    }
    let (signals, more) = signalled(world, kind, tier, &plain)?;
    wrong.extend(more);
    Ok((faults, signals, wrong))
}

/// At each call, except in long runs of similar ones: kills the child, sends it SIGTERM or SIGTSTP (which an orphaned
/// group discards), or stops it for a while; or stops the parent for a while.
fn signalled(world: &World, kind: Kind, tier: Tier, plain: &Outcome) -> Result<(usize, Vec<String>), String> {
    let (mut signals, mut wrong) = (0, Vec::new());
    let of_child = [libc::SIGKILL, libc::SIGTERM, libc::SIGTSTP, libc::SIGSTOP].map(|signal| (false, signal));
    for (by_parent, signal) in of_child.into_iter().chain([(true, libc::SIGSTOP)]) {
        // A start begins with the actions of 62 signals: a few of these calls are enough.
        let skipped = if by_parent { 0 } else { 58 };
        let every = if is_full() { 1 } else { 7 };
        for turn in (0..4.min(skipped)).chain(skipped..plain.in_all[usize::from(by_parent)]).step_by(every) {
            let fault = Fault::Signal { by_parent, turn, signal };
            let outcome = attempt(world, kind, tier, Some(fault))?;
            if !outcome.injected {
                continue;
            }
            signals += 1;
            let ended = match signal {
                libc::SIGKILL | libc::SIGTERM => judge_killed(plain, &outcome),
                _ => judge(plain, &outcome, 0, Ends::Runs),
            };
            wrong.extend(ended.err().map(|what| format!("{fault}: {what}")));
        }
    }
    Ok((signals, wrong))
}

/// For a killed child, the command fails and the program has not run. The command may also run, if the killed process
/// was the one that creates a daemon, and the daemon existed already.
fn judge_killed(plain: &Outcome, outcome: &Outcome) -> Result<(), String> {
    let Outcome { ended, broken, report, .. } = outcome;
    match ended.as_str() {
        _ if !broken.is_empty() => Err(format!("{ended}, and {broken:?}")),
        "runs" if *report == plain.report => Ok(()),
        "runs" => Err(format!("it ran otherwise than declared:\n{}", table::difference(&plain.report, report))),
        _ if report.is_empty() => Ok(()),
        _ => Err(format!("{ended}, and it ran")),
    }
}

/// Whether to try everything, as before a release; an ordinary test run tries a part.
fn is_full() -> bool {
    at_scale(0, 1) == 1
}

/// The occurrences to try: of many, the first two, one in the middle, and the last.
fn turns(times: usize, is_every: bool) -> BTreeSet<usize> {
    match times {
        0 => BTreeSet::new(),
        _ if !is_every => BTreeSet::from([times - 1]),
        1..=6 => (0..times).collect(),
        _ => BTreeSet::from([0, 1, times / 2, times - 1]),
    }
}

/// Checks that a run ended as required.
fn judge(plain: &Outcome, outcome: &Outcome, errno: i32, ends: Ends) -> Result<(), String> {
    let Outcome { ended, broken, report, .. } = outcome;
    if !broken.is_empty() {
        return Err(format!("{ended}, and {broken:?}"));
    }
    let fails_at = |steps: &str| {
        steps.split('|').any(|step| {
            let of_step = [format!("{step} {}", errno_name(errno)), step.to_owned()];
            of_step.iter().any(|expected| ended == expected) || (step == "Stream" && ended.starts_with("Stream "))
        })
    };
    let is_right = match ends {
        Ends::Runs => ended == "runs",
        Ends::Fails(steps) => fails_at(steps),
        Ends::Either(steps) => ended == "runs" || fails_at(steps),
    };
    if !is_right {
        return Err(format!("it ended with: {ended}"));
    }
    if ended == "runs" && *report != plain.report {
        return Err(format!("it ran otherwise than declared:\n{}", table::difference(&plain.report, report)));
    }
    // If the command failed after exec, the program ran as declared, or had not written its report yet.
    if ended != "runs" && !report.is_empty() && !plain.report.starts_with(report.as_str()) {
        return Err(format!("{ended}, and it ran:\n{}", table::difference(&plain.report, report)));
    }
    Ok(())
}

fn attempt(world: &World, kind: Kind, tier: Tier, fault: Option<Fault>) -> Result<Outcome, String> {
    let (mut calls, mut in_all) = (BTreeMap::new(), [0; 2]);
    let (mut unknown, mut executed, mut injected) = (BTreeSet::new(), BTreeSet::new(), false);
    let ended = supervise(|| perform(world, kind, tier), &mut |call| {
        // The process that waits for the one replaced by `exec` is not under test.
        if executed.contains(&call.pid) || (kind == Kind::Exec && call.by_parent) {
            return Answer::Continue;
        }
        let nth = in_all[usize::from(call.by_parent)];
        in_all[usize::from(call.by_parent)] += 1;
        if let Some(Fault::Signal { by_parent, turn, signal }) = fault
            && (by_parent, turn) == (call.by_parent, nth)
        {
            injected = true;
            supervisor::signal(call, signal);
        }
        if let Some(errno) = tier.refuses(call) {
            return Answer::Fail(errno);
        }
        let Some(row) = row_of(call) else {
            if !PASSED_OVER.iter().any(|passed_over| passed_over.has(call)) {
                unknown.insert(catalogue::shown(call));
            }
            return Answer::Continue;
        };
        let count = calls.entry((row, call.by_parent)).or_insert(0);
        let turn = *count;
        *count += 1;
        if let Some(Fault::Call { place, turn: at, errno }) = fault
            && (place, at) == ((row, call.by_parent), turn)
        {
            injected = true;
            return Answer::Fail(errno);
        }
        if call.number == libc::SYS_execve {
            // The thread that calls execve takes over the pid of its process.
            executed.extend([call.pid, supervisor::process_of(call)]);
        }
        without_the_kernel(call)
    });
    let shown = |fault: Fault| fault.to_string();
    if ended.hung {
        return Err(format!("it hangs: {}", fault.map_or_else(String::new, shown)));
    }
    let Some((head, report)) = ended.said.split_once("---\n") else {
        return Err(format!("{:?} {}", ended.said, fault.map_or_else(String::new, shown)));
    };
    let mut lines = head.lines();
    let ended = lines.next().unwrap_or_default().to_owned();
    let mut broken: Vec<_> = lines.map(str::to_owned).collect();
    if std::fs::remove_file(world.pidfile()).is_ok() {
        broken.push("the pidfile is left".to_owned());
    }
    Ok(Outcome { ended, broken, report: report.to_owned(), calls, in_all, unknown, injected })
}

/// Emulates features that this machine may lack: a terminal, a security module, core scheduling.
fn without_the_kernel(call: &Call) -> Answer {
    match ROWS[row_of(call).unwrap_or(0)].name {
        "ioctl TIOCSCTTY" | "prctl PR_SCHED_CORE" => Answer::Return(0),
        // comm is a file of /proc that accepts a write by its process, and that exec resets. The process may be gone by
        // now.
        "openat, for the label" => match File::options().write(true).open(format!("/proc/{}/comm", call.pid)) {
            Ok(own_name) => Answer::Give(own_name),
            Err(_) => Answer::Continue,
        },
        _ => Answer::Continue,
    }
}
