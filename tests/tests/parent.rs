//! No declaration changes the state of the parent, or makes it accessible to others.

use airtight::command;
use airtight_tests::{Folder, Watch, alone, at_scale, is_root, proc, said, skipped};
use std::collections::BTreeSet;
use std::fs::File;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The state that a start could change.
fn state() -> BTreeSet<String> {
    let read = |file| std::fs::read_to_string(proc(file)).expect("/proc is mounted");
    let changing =
        ["Vm", "Rss", "voluntary", "nonvoluntary", "State", "FDSize", "SigQ", "HugetlbPages", "Mems", "Cpus"];
    let status = read("thread-self/status");
    let lines = status.lines().filter(|line| !changing.iter().any(|key| line.starts_with(key)));
    let mut state: BTreeSet<String> = lines.map(str::to_owned).collect();
    state.extend(read("self/limits").lines().map(str::to_owned));
    for path in ["self", "self/mem", "self/environ", "self/fd"] {
        let file = std::fs::metadata(proc(path)).expect("/proc is mounted");
        state.insert(format!("{path} {} {}", file.uid(), file.gid()));
    }
    for link in ["cwd", "root", "exe", "ns/net", "ns/mnt"] {
        state.insert(format!("{link} {:?}", std::fs::read_link(proc(format_args!("self/{link}")))));
    }
    // SAFETY: takes no pointers.
    state.insert(format!("dumpable {}", unsafe { libc::prctl(libc::PR_GET_DUMPABLE) }));
    // SAFETY: takes no pointers.
    state.insert(format!("securebits {}", unsafe { libc::prctl(libc::PR_GET_SECUREBITS) }));
    // SAFETY: takes no pointers.
    state.insert(format!("nice {}", unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) }));
    // SAFETY: takes no pointers.
    state.insert(format!("session {}", unsafe { libc::getsid(0) }));
    // SAFETY: takes no pointers.
    state.insert(format!("group {}", unsafe { libc::getpgrp() }));
    for signal in 1..=64 {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: the structure is valid; libc reserves two signals, and fails for them.
        unsafe { libc::sigaction(signal, std::ptr::null(), action.as_mut_ptr()) };
        // SAFETY: zeroes are a valid value.
        let action = unsafe { action.assume_init_ref() };
        state.insert(format!("signal {signal} {} {}", action.sa_sigaction, action.sa_flags));
    }
    let descriptors = std::fs::read_dir(proc("self/fd")).expect("/proc is mounted").flatten();
    state.extend(descriptors.filter_map(|entry| {
        let link = std::fs::read_link(entry.path()).ok()?;
        (!link.ends_with("fd")).then(|| format!("descriptor {} {}", entry.file_name().display(), link.display()))
    }));
    state
}

/// All values of twelve bits; the last two select the kind of command.
const COMBINATIONS: usize = 1 << 12;

/// Adds each key to a command if its bit is set.
macro_rules! options {
    ($command:expr, $bits:expr; $($number:literal: { $($option:tt)* })*) => {{
        let mut command = $command;
        $(if $bits >> $number & 1 != 0 {
            command = command! { ..command, $($option)* };
        })*
        command
    }};
}

#[test]
fn it_stays_as_it_was() {
    let _watch = Watch::new();
    let count = at_scale(300, COMBINATIONS);
    alone("it_stays_as_it_was", || {
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(libc::SIGUSR2, libc::SIG_IGN) };
        let (file, net) = (File::open("/dev/zero").expect("a device"), File::open(proc("self/ns/net")).expect("/proc"));
        let folder = Folder::new();
        // A first command, so that lazy initialization is done.
        command! { "/bin/true" }.run().expect("it runs");
        let before = state();
        for case in 0..count {
            // An odd factor permutes the cases, so that the first few differ in many bits.
            let bits = case * 2_741 % COMBINATIONS;
            let missing = folder.join("missing");
            let program = if bits & 1 == 0 { "/bin/true".as_ref() } else { missing.as_path() };
            let command = command! { program, fds: [&file] };
            let mut command = options! { command, bits;
                1: { umask: 0o077 }
                2: { limits: [nofile = 50, core = 0] }
                3: { nice: 19 }
                4: { no_new_privs }
                5: { caps: clear }
                6: { env: empty }
            };
            if is_root() {
                command = options! { command, bits;
                    7: { uid: 61234, gid: 61234, groups: [61234, 5] }
                    8: { netns: fd(&net) }
                };
            }
            if bits >> 9 & 1 != 0 {
                // SAFETY: the closure does nothing.
                command = command! { ..command, pre_exec: unsafe { || Ok(()) } };
            }
            let ran = match bits >> 10 & 3 {
                0 => command.run().map(drop),
                1 => command! { ..command, cwd: "/usr", session, pdeathsig: SIGKILL, timeout: Duration::from_secs(60) }
                    .run()
                    .map(drop),
                2 => command! { ..command, daemonize, pidfile: folder.join(&format!("{case}.pid")) }.run().map(drop),
                _ => command! { ..command, handshake }.spawn().and_then(|pending| pending.proceed()).map(drop),
            };
            assert_eq!(ran.is_ok(), bits & 1 == 0, "case {case}, {bits:b}: {ran:?}");
            let after = state();
            let changed: Vec<_> = before.symmetric_difference(&after).collect();
            assert!(changed.is_empty(), "case {case}, {bits:b}: {changed:?}");
        }
    });
    said("it_stays_as_it_was", &format!("{count} combinations of options"));
}

/// During the slow start of a program of another user, no process of that user can trace or read this process, or the
/// child, which still has a copy of its memory.
#[test]
fn nobody_looks_into_it() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("nobody_looks_into_it", "it changes ids: needs root");
    }
    // In a process of its own: a concurrent child of std would hold the copy open for writing, and exec would fail with
    // ETXTBSY.
    alone("nobody_looks_into_it", || {
        let folder = Folder::new();
        let actor = folder.join("actor");
        std::fs::copy(ACTOR, &actor).expect("a copy of the actor");
        std::fs::set_permissions(&actor, PermissionsExt::from_mode(0o755)).expect("its mode");
        let spies = |pid: u32| {
            let spy = command! { &actor, args: ["spy", pid], uid: 61235, gid: 61235, groups: [61235], stdout: text };
            spy.run().expect("it runs").into_stdout()
        };
        let slow =
            command! { "/bin/sleep", args: [60], uid: 61235, gid: 61235, groups: [61235], caps: clear, handshake };
        let pending = slow.spawn().expect("it starts");
        assert_eq!(spies(std::process::id()), "", "of this process");
        assert_eq!(spies(pending.id()), "", "of the child before exec");
        // A check of the spy: it can read a program of its own user.
        let child = pending.proceed().expect("it goes on");
        assert_eq!(spies(child.id()), "trace mem environ maps auxv ");
        // Spies during starts without a handshake.
        let stop = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let starting = scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    command! { "/bin/true", uid: 61235, gid: 61235, groups: [61235] }.run().expect("it runs");
                }
            });
            let seen: String = (0..at_scale(20, 300)).map(|_| spies(std::process::id())).collect();
            stop.store(true, Ordering::Relaxed);
            starting.join().expect("it starts them");
            assert_eq!(seen, "");
        });
    });
}

/// The declared program is run, whatever the working directory, the environ and symbolic links contain.
#[test]
fn no_other_program_is_run() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let at = |name: &str| folder.join(name);
    std::fs::write(at("true"), "#!/bin/sh\necho other\n").expect("a file");
    std::fs::set_permissions(at("true"), PermissionsExt::from_mode(0o755)).expect("its mode");
    symlink(at("true"), at("sh")).expect("a link");
    let lures = [
        ("PATH", folder.path().to_owned()),
        ("BASH_ENV", at("true")),
        ("ENV", at("true")),
        ("PWD", folder.path().to_owned()),
    ];
    for program in ["true", "/bin/true"] {
        let ran = command! { program, cwd: folder.path(), env: empty + ..lures.clone(), stdout: text }.run();
        assert_eq!(ran.expect("it runs").stdout(), "", "{program}");
    }
    // With only a misleading directory in the child's PATH, a missing program is still "not found".
    let hidden =
        command! { "no-such-program-anywhere", cwd: folder.path(), env: empty + ..lures.clone() }.run().unwrap_err();
    assert!(hidden.to_string().contains("was not found in `PATH`"), "{hidden}");
    // The shell is looked up in the parent's PATH: a link of its name in the working directory is not used.
    let shell =
        command! { "sh", shell_script: "echo \"$0\"", cwd: folder.path(), env: { PATH = folder.path() }, stdout: text };
    assert_ne!(shell.run().expect("it runs").stdout(), "other\n");
    // A pidfile is never written through a symbolic link.
    std::fs::write(at("kept"), "kept").expect("a file");
    symlink(at("kept"), at("x.pid")).expect("a link");
    let error = command! { "/bin/true", daemonize, pidfile: at("x.pid") }.run().unwrap_err();
    assert!(error.to_string().contains("symbolic link"), "{error}");
    assert_eq!(std::fs::read_to_string(at("kept")).expect("it is there"), "kept");
}
