//! Commands run the same under a debugger, strace, valgrind and an emulator.

use airtight::command;
use airtight_tests::{Folder, is_root, proc_is_hidden, skipped, this_program};
use std::process::{Command, Output};

const MARK: &str = "AIRTIGHT_TEST_OBSERVED";
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The debugger sets its breakpoint in the parent here.
#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn airtight_observed_stop(turn: i32) {
    std::hint::black_box(turn);
}

/// Runs a command in every way. The observed process is this test binary.
fn observed() {
    let folder = Folder::new();
    let echo = || command! { ACTOR, args: ["stdout", "said"] };
    let mut turn = 0;
    let mut stop = |what: &str| {
        turn += 1;
        println!("passed: {what}");
        airtight_observed_stop(turn);
    };
    assert_eq!(command! { ..echo(), stdout: text }.run().expect("run").stdout(), "said");
    stop("run");
    let child = command! { ..echo(), stdout: null }.spawn().expect("spawn");
    child.wait().expect("spawn");
    stop("spawn");
    let background = command! { ..echo(), stdout: text }.background().expect("background");
    assert_eq!(background.wait().expect("background").stdout(), "said");
    stop("background");
    let pending = command! { ..echo(), stdout: null, handshake }.spawn().expect("handshake");
    pending.proceed().expect("handshake").wait().expect("handshake");
    stop("handshake");
    let daemon = command! { ACTOR, args: ["sleep", 0], daemonize, pidfile: folder.join("x.pid") };
    let id = daemon.clone().run().expect("daemon").id();
    assert_eq!(std::fs::read_to_string(folder.join("x.pid")).expect("a pidfile"), format!("{id}\n"));
    stop("daemon");
    let waits = |pidfile: &str| command! { ..daemon.clone(), pidfile: folder.join(pidfile), handshake }.spawn();
    waits("y.pid").expect("both").proceed().expect("both");
    stop("daemon with a handshake");
    waits("z.pid").expect("both").abort();
    assert!(!folder.join("z.pid").exists(), "an aborted start leaves no pidfile");
    stop("abort");
    // SAFETY: the closure does nothing.
    command! { ..echo(), stdout: null, pre_exec: unsafe { || Ok(()) } }.run().expect("a closure");
    stop("closure");
    let error = command! { "/usr", cwd: "/" }.exec();
    assert!(error.to_string().contains("it is a directory"), "{error}");
    assert_ne!(std::env::current_dir().expect("a directory"), std::path::Path::new("/"));
    stop("exec that fails");
    let error = command! { "/usr/bin/nothing-of-this-name" }.run().unwrap_err();
    assert!(error.to_string().contains("does not exist"), "{error}");
    stop("failure");
    let timed = command! { ACTOR, args: ["sleep", 20_000], timeout: std::time::Duration::from_millis(20) };
    assert!(timed.run().is_err());
    stop("timeout");
    if is_root() {
        let id = command! { "id", args: ["-u"], uid: 1234, gid: 1234, groups: [], caps: clear, stdout: text };
        assert_eq!(id.run().expect("ids").stdout(), "1234\n");
    }
    stop("ids");
    drop(folder);
    println!("all of it is done");
}

const TURNS: usize = 12;

/// Runs one test of this binary under `observer`; `None` where the observer is not installed.
fn under(test: &str, observer: &str, args: &[&str], between: &[&str]) -> Option<Output> {
    if std::env::var_os(MARK).is_some() {
        observed();
        return None;
    }
    if proc_is_hidden() {
        skipped(test, &format!("{observer} needs /proc"));
        return None;
    }
    let installed = Command::new(observer).arg("--version").output();
    if installed.is_err() {
        skipped(test, &format!("{observer} is not installed"));
        return None;
    }
    let mut command = Command::new(observer);
    command.args(args).args(between).arg(this_program()).args(["--exact", test, "--nocapture", "--test-threads=1"]);
    Some(command.env(MARK, "1").output().expect("it runs"))
}

fn check(output: &Output) {
    let (stdout, stderr) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    let passed = stdout.matches("passed: ").count();
    let is_done = stdout.contains("all of it is done") && passed == TURNS;
    assert!(is_done && output.status.success(), "{}\n{stdout}\n{stderr}", output.status);
}

#[test]
fn gdb_stops_the_parent() {
    let _watch = airtight_tests::Watch::new();
    let mut args = vec!["-q", "-nx", "-batch", "-ex", "break airtight_observed_stop", "-ex", "run"];
    args.extend(["-ex", "continue"].repeat(TURNS));
    let Some(output) = under("gdb_stops_the_parent", "gdb", &args, &["--args"]) else { return };
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("ptrace: Operation not permitted") {
        return skipped("gdb_stops_the_parent", "no process may be traced here");
    }
    check(&output);
    assert_eq!(stdout.matches("hit Breakpoint 1, ").count(), TURNS, "{stdout}\n{stderr}");
    assert!(stdout.contains("exited normally]"), "{stdout}\n{stderr}");
}

#[test]
fn strace_follows() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let trace = folder.join("trace");
    let args = ["-f", "-o", trace.to_str().expect("text")];
    let Some(output) = under("strace_follows", "strace", &args, &[]) else { return };
    check(&output);
    let trace = std::fs::read_to_string(trace).expect("a trace");
    assert!(trace.lines().filter(|line| line.contains("execve(") && line.contains("actor")).count() >= 8, "{trace}");
}

#[test]
fn valgrind_has_nothing_to_say() {
    let _watch = airtight_tests::Watch::new();
    // Valgrind reports errors in the allocator of a static musl; they are not this crate's.
    let code = if cfg!(target_env = "musl") { "--error-exitcode=0" } else { "--error-exitcode=9" };
    let args = ["-q", code, "--child-silent-after-fork=yes"];
    let Some(output) = under("valgrind_has_nothing_to_say", "valgrind", &args, &[]) else { return };
    check(&output);
}

#[test]
fn an_emulator_runs_it() {
    let _watch = airtight_tests::Watch::new();
    let qemu = format!("qemu-{}", std::env::consts::ARCH);
    let Some(output) = under("an_emulator_runs_it", &qemu, &[], &[]) else { return };
    check(&output);
}
