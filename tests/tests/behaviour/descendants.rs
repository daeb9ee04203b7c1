//! `descendants: kill` leaves no descendant of a program, however its command ends.

use airtight::{Command, Error, ErrorKind, Step, command};
use airtight_tests::{Folder, Group, gone, is_part, is_running, own_group, part};
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Leaves three processes behind, in sessions and process groups of their own, which ignore signals. Writes their pids
/// to the file `$1`, then does what `$2` says.
const LEAVES: &str = r#"
    (setsid sh -c 'echo $$ >> "$1"; exec sleep 1000' sh "$1" &)
    (setsid sh -c 'trap "" TERM INT HUP; echo $$ >> "$1"; while :; do sleep 1; done' sh "$1" &)
    sleep 1000 & echo $! >> "$1"
    while [ "$(wc -l < "$1")" -lt 3 ]; do sleep 0.02; done
    echo started
    case "$2" in
        stay) while :; do sleep 1; done ;;
        signal) kill -9 $$ ;;
        *) exit "$2" ;;
    esac
"#;

/// The processes that a program has left behind.
struct Left {
    folder: Folder,
}

impl Left {
    fn new() -> Left {
        Left { folder: Folder::new() }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("pids")
    }

    /// The program that leaves them; `end` is its last action.
    fn by(&self, end: &str) -> Command {
        command! { "sh", shell_script: LEAVES, args: [self.file(), end], descendants: kill }
    }

    fn pids(&self) -> Vec<u32> {
        let text = std::fs::read_to_string(self.file()).unwrap_or_default();
        text.lines().map(|line| line.parse().expect("a number")).collect()
    }

    /// Checks that they run.
    fn started(&self) {
        let begun = Instant::now();
        while self.pids().len() < 3 {
            assert!(begun.elapsed() < Duration::from_secs(20), "they do not start");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Checks that they ran, and waits until they are gone.
    fn end(&self) {
        assert_eq!(self.pids().len(), 3);
        self.pids().into_iter().for_each(gone);
    }
}

/// Waits for a condition that another thread brings about.
fn until(mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "it is not so");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn however_a_run_ends() {
    Group::alone("however_a_run_ends", |group| {
        let ends = |end: &str, is_right: fn(&Result<(), Error>) -> bool| {
            let left = Left::new();
            let ran = left.by(end).run().map(drop);
            assert!(is_right(&ran), "{ran:?}");
            group.is_clean();
            left.end();
        };
        let is_exit =
            |ran: &Result<(), Error>| matches!(ran.as_ref().map_err(Error::kind), Err(ErrorKind::Exit { .. }));
        ends("0", Result::is_ok);
        ends("3", is_exit);
        ends("signal", is_exit);
        let missing = command! { "/nonexistent/program", descendants: kill }.run().unwrap_err();
        assert!(matches!(missing.kind(), ErrorKind::NotFound { .. }), "{missing:?}");
        let no_program = command! { "/dev/null", descendants: kill }.run().unwrap_err();
        assert!(matches!(no_program.kind(), ErrorKind::Start { step: Step::Exec, .. }), "{no_program:?}");
    });
}

#[test]
fn nothing_holds_an_output_open() {
    Group::alone("nothing_holds_an_output_open", |group| {
        let left = Left::new();
        let output = command! { ..left.by("0"), stdout: text, stderr: text }.run().expect("nobody holds it");
        assert_eq!((output.stdout(), output.stderr()), ("started\n", ""));
        group.is_clean();
        left.end();
    });
}

#[test]
fn a_timeout_and_a_callback_that_fails() {
    Group::alone("a_timeout_and_a_callback_that_fails", |group| {
        for leads in [false, true] {
            let left = Left::new();
            let stays = command! { ..left.by("stay"), timeout: after(Duration::from_secs(3), signal = SIGINT) };
            let ran = if leads { command! { ..stays, process_group }.run() } else { stays.run() };
            let timed_out = ran.map(drop).unwrap_err();
            assert!(matches!(timed_out.kind(), ErrorKind::Timeout { .. }), "{timed_out:?}");
            group.is_clean();
            left.end();
        }
        let left = Left::new();
        let failed = command! { ..left.by("stay"), stdout: lines(|_| Err("no more")) }.run().map(drop).unwrap_err();
        assert!(matches!(failed.kind(), ErrorKind::Callback { .. }), "{failed:?}");
        group.is_clean();
        left.end();
    });
}

#[test]
fn in_the_background() {
    Group::alone("in_the_background", |group| {
        let background = |end: &str| {
            let left = Left::new();
            let background = left.by(end).background().expect("it starts");
            left.started();
            (left, background)
        };
        let (waited, program) = background("0");
        program.wait().expect("it succeeds");
        waited.end();
        let (aborted, program) = background("stay");
        program.abort();
        aborted.end();
        let (dropped, program) = background("stay");
        drop(program);
        dropped.end();
        until(|| group.trees().is_empty());
        let (unattended, program) = background("0");
        unattended.end();
        until(|| group.trees().is_empty());
        drop(program);
    });
}

#[test]
fn alongside() {
    Group::alone("alongside", |group| {
        let alongside = |end: &str| {
            let left = Left::new();
            let child = left.by(end).spawn().expect("it starts");
            left.started();
            (left, child)
        };
        let (waited, child) = alongside("4");
        child.wait().expect_err("it fails");
        waited.end();
        let (asked, mut child) = alongside("0");
        until(|| child.try_wait().expect("it succeeds").is_some());
        asked.end();
        let (aborted, child) = alongside("stay");
        child.abort();
        aborted.end();
        let (dropped, child) = alongside("stay");
        drop(child);
        dropped.end();
        until(|| group.trees().is_empty());
    });
}

#[test]
fn alongside_with_nobody_waiting() {
    Group::alone("alongside_with_nobody_waiting", |group| {
        let ended = Left::new();
        let child = ended.by("0").spawn().expect("it starts");
        ended.started();
        ended.end();
        until(|| group.trees().is_empty());
        child.wait().expect("its status is kept");
        let timed_out = Left::new();
        let stays = command! { ..timed_out.by("stay"), timeout: Duration::from_secs(3) };
        let child = stays.spawn().expect("it starts");
        timed_out.started();
        timed_out.end();
        until(|| group.trees().is_empty());
        let error = child.wait().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    });
}

#[test]
fn with_a_handshake() {
    Group::alone("with_a_handshake", |group| {
        let left = Left::new();
        let pending = || command! { ..left.by("0"), handshake }.spawn().expect("it waits");
        pending().abort();
        drop(pending());
        until(|| group.trees().is_empty());
        assert_eq!(left.pids(), [], "it was not executed");
        pending().proceed().expect("it goes on").wait().expect("it succeeds");
        left.end();
        until(|| group.trees().is_empty());
    });
}

#[test]
fn a_program_that_multiplies() {
    Group::alone("a_program_that_multiplies", |group| {
        // A uid that no other process has.
        let uid = 1_000_000_000 + std::process::id();
        let bomb = command! {
            "sh",
            shell_script: "b() { b & b & while :; do sleep 0.1; done; }; b 2> /dev/null",
            limits: [nproc = 60],
            uid: uid, gid: uid, groups: [],
            timeout: after(Duration::from_secs(2), grace = Duration::from_millis(100)),
            descendants: kill,
        };
        let error = bomb.run().map(drop).unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Timeout { .. } | ErrorKind::Exit { .. }), "{error:?}");
        group.is_clean();
        let of_the_user = format!("Uid:\t{uid}\t");
        let lives = |pid: u32| {
            let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
            status.contains(&of_the_user) && is_running(pid)
        };
        until(|| {
            let processes = std::fs::read_dir("/proc").expect("/proc").flatten();
            let mut pids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
            !pids.any(lives)
        });
    });
}

#[test]
fn a_program_that_makes_groups_of_its_own() {
    Group::alone("a_program_that_makes_groups_of_its_own", |group| {
        let left = Left::new();
        let script = r#"
            : >> "$1"
            own="$2$(sed -n s/^0:://p /proc/self/cgroup)"
            mkdir -p "$own/a/b/c" "$own/d e"
            for into in "$own/a" "$own/a/b/c" "$own/d e"; do
                sh -c 'echo $$ > "$2/cgroup.procs"; echo $$ >> "$1"; exec sleep 1000' sh "$1" "$into" &
            done
            while [ "$(wc -l < "$1")" -lt 3 ]; do sleep 0.02; done
            echo 1 > "$own/a/b/cgroup.freeze"
        "#;
        let program =
            command! { "sh", shell_script: verbatim(script), args: [left.file(), group.root()], descendants: kill };
        program.run().expect("it succeeds");
        group.is_clean();
        left.end();
    });
}

#[test]
fn a_declared_group_around_it() {
    Group::alone("a_declared_group_around_it", |group| {
        let path = group.path().join("declared");
        std::fs::create_dir(&path).expect("a group");
        let declared = File::open(&path).expect("the group");
        let cat = command! { "cat", args: ["/proc/self/cgroup"], stdout: text, descendants: kill };
        let seen = command! { ..cat, cgroup: fd(&declared) }.run().expect("it runs").into_stdout();
        let within = format!("{}/declared/airtight-{}-", own_group(), std::process::id());
        assert!(
            seen.lines().any(|line| line.strip_prefix("0::").is_some_and(|own| own.starts_with(&within))),
            "{seen}"
        );
        let left = Left::new();
        command! { ..left.by("0"), cgroup: fd(&declared) }.run().expect("it runs");
        left.end();
        std::fs::remove_dir(&path).expect("nothing is left in it");
    });
}

#[test]
fn what_is_left_is_left_without_the_word() {
    Group::alone("what_is_left_is_left_without_the_word", |_| {
        let left = Left::new();
        command! { ..left.by("0"), descendants: leave }.run().expect("it runs");
        assert!(left.pids().into_iter().all(is_running), "they go on");
        for pid in left.pids() {
            command! { "kill", args: ["-9", pid] }.run().expect("it is there");
        }
        left.end();
    });
}

#[test]
fn many_at_once() {
    Group::alone("many_at_once", |group| {
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..airtight_tests::at_scale(10, 200) {
                        let leaves = "(setsid sleep 1000 &) ; echo x";
                        let ran = command! { "sh", shell_script: verbatim(leaves), stdout: text, descendants: kill };
                        assert_eq!(ran.run().expect("it runs").stdout(), "x\n");
                    }
                });
            }
        });
        group.is_clean();
    });
}

#[test]
fn what_a_process_that_is_killed_leaves() {
    const TEST: &str = "what_a_process_that_is_killed_leaves";
    if is_part(TEST) {
        let file = std::env::var_os("AIRTIGHT_TEST_FILE").expect("a file");
        let program = command! { "sh", shell_script: LEAVES, args: [file, "stay"], descendants: kill };
        let _child = program.spawn().expect("it starts");
        loop {
            std::thread::sleep(Duration::from_secs(1));
        }
    }
    Group::alone(TEST, |group| {
        let left = Left::new();
        let mut starter = part(TEST).env("AIRTIGHT_TEST_FILE", left.file()).spawn().expect("it starts");
        left.started();
        starter.kill().expect("it is there");
        starter.wait().expect("it ends");
        let trees = group.trees();
        let [tree]: &[PathBuf] = trees.as_slice() else { panic!("{trees:?}") };
        next(group, tree, true);
        assert!(left.pids().into_iter().all(is_running), "they go on");
        std::fs::write(tree.join("cgroup.kill"), "1").expect("it is ours");
        left.end();
        until(|| std::fs::read_to_string(tree.join("cgroup.procs")).is_ok_and(|members| members.is_empty()));
        next(group, tree, false);
    });
}

/// Runs another command, and checks whether a leftover control group is still there.
fn next(group: &Group, tree: &Path, is_there: bool) {
    command! { "true", descendants: kill }.run().expect("it runs");
    assert_eq!(tree.exists(), is_there);
    assert_eq!(group.trees().len(), usize::from(is_there));
}
