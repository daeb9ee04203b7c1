//! A failed `exec` leaves the process unchanged; a successful one starts the program in the state of any other.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Operand, Refused, alone, become_nobody, is_root, proc, proc_is_hidden, refuse, skipped};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// RLIMIT_CORE, RLIMIT_NOFILE and RLIMIT_FSIZE, whose type differs between libcs.
const LIMITS: [u32; 3] = [4, 7, 1];

/// The state of a process that `exec` could change.
#[derive(Debug, PartialEq)]
struct State {
    descriptors: BTreeMap<i32, (PathBuf, i32)>,
    directory: PathBuf,
    status: Vec<String>,
    limits: Vec<(u64, u64)>,
    nice: i32,
    oom_score_adj: String,
    cpus: Vec<String>,
    is_dumpable: i32,
    session: [i32; 2],
    alarm_is_set: bool,
}

impl State {
    fn now() -> State {
        // SAFETY: a query without pointers.
        let flags = |fd| unsafe { libc::fcntl(fd, libc::F_GETFD) };
        let entries = std::fs::read_dir(proc("self/fd")).expect("/proc").flatten();
        let links = entries.filter_map(|entry| {
            let fd = entry.file_name().to_str()?.parse().ok()?;
            let link = std::fs::read_link(entry.path()).ok()?;
            (!link.ends_with("fd")).then(|| (fd, (link, flags(fd))))
        });
        let keys = ["Umask", "Uid", "Gid", "Groups", "SigBlk", "SigIgn", "SigCgt", "CapInh", "CapPrm", "CapEff"];
        let keys = [&keys[..], &["CapBnd", "CapAmb", "NoNewPrivs"]].concat();
        let status = std::fs::read_to_string(proc("thread-self/status")).expect("/proc");
        let is_kept = |line: &&str| keys.iter().any(|key| line.strip_prefix(key).is_some_and(|l| l.starts_with(':')));
        let limit = |resource| {
            let mut limit = libc::rlimit64 { rlim_cur: 0, rlim_max: 0 };
            // SAFETY: the structure is valid.
            assert_eq!(unsafe { libc::getrlimit64(resource, &raw mut limit) }, 0);
            (limit.rlim_cur, limit.rlim_max)
        };
        let mut timer = std::mem::MaybeUninit::<libc::itimerval>::zeroed();
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::getitimer(libc::ITIMER_REAL, timer.as_mut_ptr()) }, 0);
        State {
            descriptors: links.collect(),
            directory: std::env::current_dir().expect("a directory"),
            status: status.lines().filter(is_kept).map(str::to_owned).collect(),
            limits: LIMITS.map(|resource| limit(resource as _)).to_vec(),
            // SAFETY: a query without pointers.
            nice: unsafe { libc::getpriority(libc::PRIO_PROCESS, 0) },
            oom_score_adj: std::fs::read_to_string(proc("self/oom_score_adj")).expect("/proc"),
            cpus: status.lines().filter(|line| line.starts_with("Cpus_allowed")).map(str::to_owned).collect(),
            // SAFETY: a query without pointers.
            is_dumpable: unsafe { libc::prctl(libc::PR_GET_DUMPABLE) },
            // SAFETY: a query without pointers.
            session: [unsafe { libc::getsid(0) }, nix::unistd::getpgrp().as_raw()],
            // SAFETY: the kernel has filled it.
            alarm_is_set: unsafe { timer.assume_init() }.it_value.tv_sec > 0,
        }
    }
}

/// An executable file that is not a program: the search finds it, and execve(2) refuses it.
fn no_program(folder: &Folder) -> PathBuf {
    let path = folder.join("no-program");
    std::fs::write(&path, [0; 64]).expect("a file");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("its mode");
    std::fs::set_permissions(folder.path(), PermissionsExt::from_mode(0o755)).expect("its mode");
    path
}

fn raises_limits() -> bool {
    const SYS_RESOURCE: u32 = 24;
    let status = std::fs::read_to_string(proc("self/status")).expect("/proc");
    let effective = status.lines().find_map(|line| line.strip_prefix("CapEff:\t")).expect("a line");
    u64::from_str_radix(effective, 16).expect("a mask") >> SYS_RESOURCE & 1 != 0
}

extern "C" fn handler(_: libc::c_int) {}

/// Gives the process some state to lose.
fn unusual() {
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
    // SAFETY: ignoring runs no code.
    unsafe { libc::signal(libc::SIGUSR2, libc::SIG_IGN) };
    // SAFETY: takes no pointers.
    unsafe { libc::alarm(1000) };
    let hangup = 1_u64 << (libc::SIGHUP - 1);
    // SAFETY: the set is the kernel's, and as long as said.
    let blocked = unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, &raw const hangup, std::ptr::null_mut::<u64>(), 8)
    };
    assert_eq!(blocked, 0);
}

/// The CPU that this thread runs on.
fn one_cpu() -> [u32; 1] {
    // SAFETY: takes no pointers.
    [unsafe { libc::sched_getcpu() }.unsigned_abs()]
}

/// Fails at the last step; compares the state before and after.
fn fails_and_changes_nothing(changes_ids: bool) {
    unusual();
    let folder = Folder::new();
    let path = no_program(&folder);
    let mut file = File::open("/etc/passwd").expect("a file");
    let null = File::open("/dev/null").expect("a device");
    let before = State::now();
    let command = command! {
        &path,
        cwd: "/usr",
        umask: 0o027,
        stdin: null,
        stdout: fd(&null),
        stderr: null,
        fds: [7 = &file],
        limits: [nofile = (50, 4096)],
        nice: 19,
        caps: clear,
        no_new_privs,
        pdeathsig: SIGKILL,
        cpus: one_cpu(),
    };
    // The kernel's own file; tests read another one where it is hidden.
    let command = match proc_is_hidden() {
        true => command,
        false => command! { ..command, oom_score_adj: 900 },
    };
    let error = match changes_ids {
        true => command! { ..command, uid: 1234, gid: 2345, groups: [3456] }.exec(),
        false => command.exec(),
    };
    let is_exec = matches!(error.kind(), ErrorKind::Start { step: Step::Exec, source, .. }
        if source.raw_os_error() == Some(libc::ENOEXEC));
    assert!(is_exec, "{error:?}");
    let mut after = State::now();
    if !raises_limits() {
        // Without CAP_SYS_RESOURCE this limit could not be raised again.
        let [_, nofile, _] = &mut after.limits[..] else { unreachable!() };
        assert_eq!(nofile.1, 4096);
        *nofile = before.limits[1];
    }
    assert_eq!(after, before);
    let mut text = String::new();
    file.read_to_string(&mut text).expect("the file is open");
    file.rewind().expect("the file is open");
    assert!(text.contains("root"), "{text}");
    // A later start needs no more than before.
    command! { "true" }.run().expect("it runs");
}

#[test]
fn that_fails_leaves_the_process_as_it_was() {
    let _watch = airtight_tests::Watch::new();
    alone("that_fails_leaves_the_process_as_it_was", || fails_and_changes_nothing(is_root()));
}

/// A file of /proc has to be open before it is written: later this process has no descriptor for it.
#[test]
fn that_fails_with_a_full_table_leaves_the_adjustment_as_it_was() {
    let test = "that_fails_with_a_full_table_leaves_the_adjustment_as_it_was";
    let _watch = airtight_tests::Watch::new();
    if proc_is_hidden() {
        return skipped(test, "the adjustment is a file of /proc");
    }
    alone(test, || {
        let folder = Folder::new();
        let path = folder.join("no-program");
        std::fs::write(&path, "neither a script nor an executable").expect("a file");
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o755)).expect("its mode");
        let adjustment = || std::fs::read_to_string("/proc/self/oom_score_adj").expect("its adjustment");
        let before = adjustment();
        for free in 0..6 {
            let mut held: Vec<File> = std::iter::from_fn(|| File::open("/dev/null").ok()).take(100).collect();
            let limit = libc::rlimit { rlim_cur: held[99].as_raw_fd() as u64 + 1, rlim_max: 4096 };
            held.truncate(100 - free);
            // SAFETY: the limit is valid.
            assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
            let error = command! { &path, oom_score_adj: 444 }.exec();
            drop(held);
            assert!(matches!(error.kind(), ErrorKind::Start { .. }), "{error:?}");
            assert_eq!(adjustment(), before, "{free} descriptors left: {error}");
        }
    });
}

#[test]
fn that_fails_leaves_an_ordinary_user_as_it_was() {
    let _watch = airtight_tests::Watch::new();
    alone("that_fails_leaves_an_ordinary_user_as_it_was", || {
        if is_root() {
            become_nobody();
            // SAFETY: takes no pointers. Changing ids made the process undumpable, and its part of /proc unreadable.
            unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 1, 0, 0, 0) };
        }
        fails_and_changes_nothing(false);
    });
}

#[test]
fn that_fails_where_unshare_is_refused() {
    let _watch = airtight_tests::Watch::new();
    if !airtight_tests::has_clone3() {
        return skipped("that_fails_where_unshare_is_refused", "without close_range it needs unshare");
    }
    alone("that_fails_where_unshare_is_refused", || {
        let own_fs = Operand::Has(0, libc::CLONE_FS as u32);
        refuse(&[Refused { call: libc::SYS_unshare, operand: Some(own_fs), errno: libc::EPERM }]);
        fails_and_changes_nothing(is_root());
    });
}

#[test]
fn that_fails_early_leaves_descriptors_alone() {
    let _watch = airtight_tests::Watch::new();
    alone("that_fails_early_leaves_descriptors_alone", || {
        unusual();
        let before = State::now();
        let error = command! { "/nonexistent/program", cwd: "/" }.exec();
        assert_eq!(error.to_string(), "`/nonexistent/program` does not exist");
        let error = command! { "true", cwd: "/nonexistent", umask: 0, stdio: null }.exec();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Chdir, .. }), "{error:?}");
        assert_eq!(State::now(), before);
    });
}

#[test]
fn its_closure_says_why() {
    let _watch = airtight_tests::Watch::new();
    alone("its_closure_says_why", || {
        let before = State::now();
        // SAFETY: the closure makes an error.
        let error = command! { "true", pre_exec: unsafe { || Err(std::io::Error::other("not today")) } }.exec();
        assert!(error.to_string().ends_with("not today"), "{error}");
        assert_eq!(State::now(), before);
    });
}

/// Forks, runs `first` and then `exec` in the child; returns the status and the output.
fn forked(first: impl FnOnce(), exec: impl FnOnce() -> airtight::Error) -> (i32, String) {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    // SAFETY: the child only sets up its state, and is replaced or exits.
    let pid = unsafe { libc::fork() };
    if pid == 0 {
        // SAFETY: a stream of its own.
        unsafe { libc::dup2(writer.as_raw_fd(), 1) };
        first();
        eprintln!("{}", exec());
        // SAFETY: ends the copy.
        unsafe { libc::_exit(113) };
    }
    drop(writer);
    let mut text = String::new();
    reader.read_to_string(&mut text).expect("text");
    let mut status = 0;
    // SAFETY: the status is valid.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    (status, text)
}

#[test]
fn no_timer_reaches_the_program() {
    let _watch = airtight_tests::Watch::new();
    alone("no_timer_reaches_the_program", || {
        let arm = || {
            let soon = libc::timeval { tv_sec: 0, tv_usec: 300_000 };
            let timer = libc::itimerval { it_interval: soon, it_value: soon };
            // SAFETY: the structure is valid.
            unsafe { libc::setitimer(libc::ITIMER_REAL, &raw const timer, std::ptr::null_mut()) };
        };
        let ended = forked(arm, || command! { "sh", args: ["-c", verbatim("sleep 1; echo lives")] }.exec());
        assert_eq!(ended, (0, "lives\n".to_owned()));
    });
}

#[test]
fn a_leader_of_a_session_declares_a_session() {
    let _watch = airtight_tests::Watch::new();
    alone("a_leader_of_a_session_declares_a_session", || {
        // SAFETY: takes no pointers.
        let lead = || assert!(unsafe { libc::setsid() } > 0);
        let ask = || command! { "echo", args: ["here"], session };
        assert_eq!(forked(lead, || ask().exec()), (0, "here\n".to_owned()));
        let ask = || command! { "echo", args: ["here"], process_group };
        assert_eq!(forked(lead, || ask().exec()), (0, "here\n".to_owned()));
        // A process group leader cannot start a session: setsid fails.
        let (status, text) = forked(
            // SAFETY: takes no pointers.
            || assert_eq!(unsafe { libc::setpgid(0, 0) }, 0),
            || {
                let error = command! { "true", session }.exec();
                println!("{error}");
                error
            },
        );
        assert_eq!(libc::WEXITSTATUS(status), 113);
        assert!(text.contains("a process group leader cannot create a session"), "{text}");
    });
}

#[test]
fn a_session_s_leader_lets_go_of_its_terminal() {
    let _watch = airtight_tests::Watch::new();
    alone("a_session_s_leader_lets_go_of_its_terminal", || {
        let lead = || {
            // SAFETY: takes no pointers.
            assert!(unsafe { libc::setsid() } > 0);
            // SAFETY: takes no pointers.
            let terminal = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY) };
            assert!(terminal >= 0);
            // SAFETY: takes no pointers.
            assert_eq!(unsafe { libc::unlockpt(terminal) }, 0);
            const TIOCGPTPEER: u64 = 0x5441;
            // SAFETY: takes no pointers.
            let other = unsafe { libc::ioctl(terminal, TIOCGPTPEER as _, libc::O_RDWR | libc::O_NOCTTY) };
            // SAFETY: takes no pointers.
            assert_eq!(unsafe { libc::ioctl(other, libc::TIOCSCTTY, 0) }, 0);
            assert!(File::open("/dev/tty").is_ok());
        };
        let script = "(: </dev/tty) && echo one || echo none";
        let ended = forked(lead, || command! { "sh", args: ["-c", verbatim(script)], session, stderr: null }.exec());
        assert_eq!(ended, (0, "none\n".to_owned()));
    });
}

#[test]
fn the_parents_death_is_that_of_its_own() {
    let _watch = airtight_tests::Watch::new();
    alone("the_parents_death_is_that_of_its_own", || {
        let ended = forked(|| {}, || command! { "echo", args: ["here"], pdeathsig: SIGKILL }.exec());
        assert_eq!(ended, (0, "here\n".to_owned()));
    });
}

static HANDLED: AtomicU32 = AtomicU32::new(0);

extern "C" fn count(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Another process meanwhile sends signals that this one catches or ignores.
#[test]
fn that_fails_is_not_ended_by_signals() {
    let _watch = airtight_tests::Watch::new();
    alone("that_fails_is_not_ended_by_signals", || {
        // SAFETY: the handler counts.
        unsafe { libc::signal(libc::SIGUSR1, count as *const () as libc::sighandler_t) };
        // SAFETY: ignoring runs no code.
        unsafe { libc::signal(libc::SIGUSR2, libc::SIG_IGN) };
        let folder = Folder::new();
        let path = no_program(&folder);
        let sends = "while kill -USR1 $1 && kill -USR2 $1; do :; done";
        let id = std::process::id();
        let sender = command! { "sh", args: ["-c", verbatim(sends), "sh", id], stderr: null }.spawn().expect("a shell");
        while HANDLED.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        for _ in 0..300 {
            let error = command! { &path }.exec();
            assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Exec, .. }), "{error:?}");
        }
        sender.abort();
        // SAFETY: asks, and sets the same.
        let ignored = unsafe { libc::signal(libc::SIGUSR2, libc::SIG_IGN) };
        assert_eq!(ignored, libc::SIG_IGN);
    });
}

#[test]
fn no_signal_is_ignored_by_the_program() {
    let _watch = airtight_tests::Watch::new();
    alone("no_signal_is_ignored_by_the_program", || {
        let ignore = || {
            for signal in [libc::SIGUSR2, libc::SIGCHLD, libc::SIGTSTP] {
                // SAFETY: ignoring runs no code.
                unsafe { libc::signal(signal, libc::SIG_IGN) };
            }
        };
        let status = proc("self/status");
        let ended = forked(ignore, || command! { "grep", args: ["-E", "Sig(Ign|Blk)", status] }.exec());
        assert_eq!(ended, (0, "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n".to_owned()));
    });
}
