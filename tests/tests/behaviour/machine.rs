//! The program's place on the machine: the CPUs that it may run on, and how readily it is killed when memory is short.

use airtight::{ErrorKind, Rule, Step, command};
use airtight_tests::{Folder, Watch, alone, become_nobody, hide_proc, is_root, proc, proc_is_hidden, skipped};
use std::os::unix::fs::chown;
use std::path::Path;

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// The CPUs of this process.
fn cpus() -> Vec<u32> {
    let status = std::fs::read_to_string(proc("self/status")).expect("/proc");
    let list = status.lines().find_map(|line| line.strip_prefix("Cpus_allowed_list:\t")).expect("a line");
    let ranges = list.split(',').map(|range| range.split_once('-').unwrap_or((range, range)));
    let number = |text: &str| text.parse::<u32>().expect("a number");
    ranges.flat_map(|(first, last)| number(first)..=number(last)).collect()
}

/// Where the program of a command may run.
fn seen(command: airtight::Command) -> String {
    let output = command! { ..command, stdout: text }.run().expect("it runs");
    let line = output.stdout().lines().find_map(|line| line.strip_prefix("Cpus_allowed_list "));
    line.expect("a line of the observer").to_owned()
}

fn adjustment() -> i32 {
    std::fs::read_to_string(proc("self/oom_score_adj")).expect("/proc").trim().parse().expect("a number")
}

/// Whether this process may lower its own, as root of some containers may not. Tried out, and put back.
fn may_lower() -> bool {
    let (path, ours) = (proc("self/oom_score_adj"), adjustment());
    let lowered = std::fs::write(&path, "-1000").is_ok();
    std::fs::write(&path, ours.to_string()).expect("as it was");
    lowered
}

fn failed(error: &airtight::Error) -> (Step, String, String) {
    match error.kind() {
        ErrorKind::Start { step, operand, .. } => (*step, operand.clone(), error.to_string()),
        other => panic!("{other:?}"),
    }
}

fn runs_on_the_declared_cpus(observer: &Path) {
    let all = cpus();
    let (first, last) = (all[0], all[all.len() - 1]);
    assert_eq!(seen(command! { observer, cpus: [first] }), first.to_string());
    let twice = vec![last, last];
    assert_eq!(seen(command! { observer, cpus: twice }), last.to_string());
    assert_eq!(seen(command! { observer, cpus: all }), seen(command! { observer }));
    let base = command! { observer, cpus: [last] };
    assert_eq!(seen(command! { ..base, cpus: &[first][..] }), first.to_string(), "replaced");
    // The kernel would run it on the others.
    for absent in [8191, 8192, u32::MAX] {
        let (step, operand, shown) = failed(&command! { "true", cpus: [first, absent] }.run().unwrap_err());
        assert_eq!((step, operand), (Step::Cpus, format!("{first}, {absent}")), "{shown}");
        let (step, _, _) = failed(&command! { "true", cpus: [absent] }.run().unwrap_err());
        assert_eq!(step, Step::Cpus);
        assert!(
            shown.contains(&format!("cannot run on CPUs {first}, {absent}: at least one does not exist")),
            "{shown}"
        );
    }
    assert_eq!(cpus(), all, "of the parent");
}

#[test]
fn it_runs_on_the_declared_cpus() {
    let _watch = Watch::new();
    alone("it_runs_on_the_declared_cpus", || {
        runs_on_the_declared_cpus(Path::new(OBSERVER));
        if is_root() {
            let first = cpus()[0];
            assert_eq!(seen(command! { OBSERVER, cpus: [first], caps: clear }), first.to_string());
            // The folder of this program may be closed to nobody.
            let folder = Folder::new();
            let observer = folder.join("observer");
            std::fs::copy(OBSERVER, &observer).expect("a copy of the observer");
            chown(folder.path(), Some(65534), Some(65534)).expect("an owner who can remove it");
            become_nobody();
            runs_on_the_declared_cpus(&observer);
        }
    });
}

#[test]
fn no_cpus_are_refused_before_anything_starts() {
    let _watch = Watch::new();
    let none: Vec<u32> = Vec::new();
    let error = command! { "/nonexistent", cpus: none }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { rule: Rule::EmptyCpus, .. }), "{error:?}");
    assert!(error.to_string().contains("`cpus` is an empty list"), "{error}");
}

#[test]
fn its_memory_is_taken_as_declared() {
    let test = "its_memory_is_taken_as_declared";
    let _watch = Watch::new();
    if proc_is_hidden() {
        return skipped(test, "the adjustment is a file of /proc");
    }
    alone(test, || {
        let ours = adjustment();
        let path = proc("self/oom_score_adj");
        let cat = || command! { "cat", args: [&path], stdout: text };
        let read = |command: airtight::Command<airtight::stdio::Unset, airtight::stdio::Text>| {
            command.run().expect("it runs").stdout().trim().parse::<i32>().expect("a number")
        };
        assert_eq!(read(command! { ..cat(), oom_score_adj: 1000 }), 1000);
        assert_eq!(read(command! { ..cat(), oom_score_adj: 999, limits: [nofile = 4] }), 999);
        assert_eq!(read(command! { ..cat(), oom_score_adj: None }), ours);
        assert_eq!(read(command! { ..command! { ..cat(), oom_score_adj: 1000 }, oom_score_adj: 998 }), 998);
        if may_lower() {
            assert_eq!(read(command! { ..cat(), oom_score_adj: -1000 }), -1000);
        }
        if is_root() {
            assert_eq!(read(command! { ..cat(), oom_score_adj: 996, user: "nobody" }), 996, "by way of the stage");
            // SAFETY: the closure does nothing.
            let forked = command! { ..cat(), oom_score_adj: 995, user: "nobody", pre_exec: unsafe { || Ok(()) } };
            assert_eq!(read(forked), 995);
        }
        let daemon = command! { "sleep", args: [30], daemonize, oom_score_adj: 997 }.run().expect("it starts");
        let its = std::fs::read_to_string(proc(format_args!("{}/oom_score_adj", daemon.id()))).expect("/proc");
        // SAFETY: the daemon is this test's.
        unsafe { libc::kill(daemon.id() as i32, libc::SIGKILL) };
        assert_eq!(its.trim(), "997");
        assert_eq!(adjustment(), ours, "of the parent");
        let (step, operand, _) = failed(&command! { ..cat(), oom_score_adj: 1000 + 1 }.run().unwrap_err());
        assert_eq!((step, operand.as_str()), (Step::OomScoreAdj, "1001"));
        if is_root() {
            become_nobody();
            // SAFETY: takes no pointers. Changing ids made the process undumpable, and its part of /proc unreadable.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        }
        assert_eq!(read(command! { ..cat(), oom_score_adj: 1000 }), 1000);
        let (step, operand, shown) = failed(&command! { ..cat(), oom_score_adj: -1000 }.run().unwrap_err());
        assert_eq!((step, operand.as_str()), (Step::OomScoreAdj, "-1000"), "{shown}");
        assert!(shown.contains("to lower it takes CAP_SYS_RESOURCE"), "{shown}");
        assert_eq!(adjustment(), ours, "of the parent");
    });
}

#[test]
fn without_proc_its_adjustment_is_an_error() {
    let test = "without_proc_its_adjustment_is_an_error";
    let _watch = Watch::new();
    if !is_root() {
        return skipped(test, "mounts over /proc: needs root");
    }
    if proc_is_hidden() {
        return skipped(test, "/proc is hidden for all tests, which would see the files of this one");
    }
    alone(test, || {
        hide_proc();
        let (step, _, shown) = failed(&command! { "true", oom_score_adj: 5 }.run().unwrap_err());
        assert_eq!(step, Step::OomScoreAdj);
        assert!(shown.ends_with("`/proc` is not mounted"), "{shown}");
        std::fs::create_dir_all("/proc/self").expect("a folder in our own file system");
        std::fs::write("/proc/self/oom_score_adj", "").expect("a file");
        let (step, _, shown) = failed(&command! { "true", oom_score_adj: 5 }.run().unwrap_err());
        assert_eq!(step, Step::OomScoreAdj);
        assert!(shown.ends_with("`/proc` is not a proc file system"), "{shown}");
    });
}
