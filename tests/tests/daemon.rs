//! Daemons: their state, the report to the parent, and their pidfiles.

use airtight::{Daemon, ErrorKind, Step, command};
use airtight_tests::{
    Folder, Observed, Operand, Refused, alone, become_nobody, gone, is_root, no_children, proc, refuse,
};
use std::io::{Read, Write};
use std::os::fd::AsRawFd;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::time::{Duration, Instant};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

/// Kills a daemon, and waits until it is gone.
fn end(daemon: &Daemon<impl airtight::stdio::Stream, impl airtight::stdio::Stream, impl airtight::stdio::Stream>) {
    // SAFETY: the daemon of this test, which runs still.
    unsafe { libc::kill(daemon.id() as i32, libc::SIGKILL) };
    gone(daemon.id());
}

fn stat(pid: u32) -> Vec<String> {
    let stat = std::fs::read_to_string(proc(format_args!("{pid}/stat"))).expect("it runs");
    stat.rsplit(") ").next().expect("a stat line").split_whitespace().map(str::to_owned).collect()
}

#[test]
fn it_leads_a_session_in_the_root_and_is_nobodys_child() {
    let _watch = airtight_tests::Watch::new();
    alone("it_leads_a_session_in_the_root_and_is_nobodys_child", || {
        let daemon = command! { "sleep", args: [60], daemonize }.run().expect("it starts");
        let (pid, fields) = (daemon.id().to_string(), stat(daemon.id()));
        assert_eq!((fields[2].as_str(), fields[3].as_str()), (pid.as_str(), pid.as_str()), "group and session");
        assert_ne!(fields[1], std::process::id().to_string(), "the parent");
        assert_eq!(std::fs::read_link(proc(format_args!("{pid}/cwd"))).expect("/proc"), Path::new("/"));
        assert_eq!(std::fs::read_link(proc(format_args!("{pid}/fd/0"))).expect("/proc"), Path::new("/dev/null"));
        no_children();
        end(&daemon);
    });
}

#[test]
fn the_pidfd_is_the_daemons_own() {
    let _watch = airtight_tests::Watch::new();
    let daemon = command! { "sleep", args: [60], daemonize }.run().expect("it starts");
    let Some(pidfd) = daemon.pidfd().map(|pidfd| pidfd.as_raw_fd()) else {
        end(&daemon);
        return airtight_tests::skipped("the_pidfd_is_the_daemons_own", "this kernel has no pidfds");
    };
    let info = std::fs::read_to_string(proc(format_args!("self/fdinfo/{pidfd}"))).expect("/proc");
    assert!(info.contains(&format!("Pid:\t{}\n", daemon.id())), "{info}");
    // SAFETY: takes no pointers but a null one.
    assert_eq!(unsafe { libc::syscall(libc::SYS_pidfd_send_signal, pidfd, libc::SIGKILL, 0, 0) }, 0);
    gone(daemon.id());
}

#[test]
fn its_pipes_are_handed_over_and_nothing_else_is_open() {
    let _watch = airtight_tests::Watch::new();
    let mut daemon = command! { OBSERVER, daemonize, stdin: pipe, stdout: pipe, stderr: stdout, umask: 0o077 }
        .run()
        .expect("it starts");
    let mut report = Vec::new();
    daemon.take_stdout().expect("a pipe").read_to_end(&mut report).expect("its end");
    let observed = Observed::parse(&report);
    assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2], "{:?}", observed.fds());
    assert_eq!((observed.one("cwd"), observed.one("Umask")), ("/", "0077"));
    assert_eq!((observed.signals("SigBlk"), observed.signals("SigIgn")), (0, 0));
    gone(daemon.id());
}

#[test]
fn a_failure_at_any_step_comes_back_and_leaves_nothing() {
    let _watch = airtight_tests::Watch::new();
    alone("a_failure_at_any_step_comes_back_and_leaves_nothing", || {
        let folder = Folder::new();
        let pidfile = folder.join("x.pid");
        let daemon = || command! { "true", daemonize, pidfile: &pidfile };
        let missing = command! { "/nonexistent", daemonize, pidfile: &pidfile }.run().unwrap_err();
        assert_eq!(missing.to_string(), "`/nonexistent` does not exist");
        let text = folder.join("text");
        std::fs::write(&text, "no program").expect("a file");
        std::fs::set_permissions(&text, PermissionsExt::from_mode(0o755)).expect("its mode");
        let no_program = command! { &text, daemonize, pidfile: &pidfile }.run().unwrap_err();
        assert!(matches!(no_program.kind(), ErrorKind::Start { step: Step::Exec, .. }), "{no_program:?}");
        let less = 5;
        let limit = command! { ..daemon(), limits: [nofile = (10, less)] }.run();
        assert!(matches!(limit.unwrap_err().kind(), ErrorKind::Start { step: Step::Limit, .. }));
        assert!(!pidfile.exists(), "the pidfile was left behind");
        no_children();
        // The lock is free again: the next one starts.
        daemon().run().expect("it starts");
        no_children();
    });
}

#[test]
fn the_pidfile_is_locked_and_written_when_run_returns() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let pidfile = folder.join("sleep.pid");
    let sleep = || command! { "sleep", args: [60], daemonize, pidfile: &pidfile };
    let daemon = sleep().run().expect("it starts");
    assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", daemon.id()));
    let held = || -> Vec<_> {
        (3..64).filter_map(|fd| std::fs::read_link(proc(format_args!("{}/fd/{fd}", daemon.id()))).ok()).collect()
    };
    let expected = [pidfile.canonicalize().expect("it is there")];
    // The program opens and closes its libraries and its locale: poll until the list of descriptors has been stable for
    // a while.
    let (begun, mut quiet) = (Instant::now(), 0);
    while quiet < 20 {
        quiet = if held() == expected { quiet + 1 } else { 0 };
        assert!(begun.elapsed() < Duration::from_secs(10), "the daemon holds more than its pidfile: {:?}", held());
        std::thread::sleep(Duration::from_millis(5));
    }

    let second = sleep().run().unwrap_err();
    assert!(matches!(second.kind(), ErrorKind::Start { step: Step::PidfileLock, .. }), "{second:?}");
    let shown = format!(
        "`sleep` was not started: cannot lock the pidfile `{}`: process {} holds the lock",
        pidfile.display(),
        daemon.id()
    );
    assert_eq!(second.to_string(), shown);
    assert_eq!(std::fs::read_to_string(&pidfile).expect("it is untouched"), format!("{}\n", daemon.id()));

    end(&daemon);
    let third = sleep().run().expect("a stale file is taken over");
    assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", third.id()));
    end(&third);
}

#[test]
fn a_longer_stale_pidfile_is_emptied_first() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let pidfile = folder.join("x.pid");
    std::fs::write(&pidfile, "99999999999999\nand more\n").expect("a file");
    let daemon = command! { "true", daemonize, pidfile: &pidfile }.run().expect("it starts");
    assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", daemon.id()));
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let at = |name: &str| folder.join(name);
    std::fs::write(at("target"), "kept").expect("a file");
    symlink(at("target"), at("link")).expect("a link");
    std::fs::create_dir(at("folder")).expect("a folder");
    let fifo = std::ffi::CString::new(at("fifo").to_str().expect("text")).expect("no NUL");
    // SAFETY: the path is a C string.
    assert_eq!(unsafe { libc::mkfifo(fifo.as_ptr(), 0o600) }, 0);
    for (name, why) in
        [("link", "it is a symbolic link"), ("fifo", "it is not a regular file"), ("folder", "Is a directory")]
    {
        let error = command! { "true", daemonize, pidfile: at(name) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Pidfile, .. }), "{error:?}");
        assert!(error.to_string().contains(why), "{error}");
        assert!(at(name).symlink_metadata().is_ok(), "{name} is still there");
    }
    assert_eq!(std::fs::read_to_string(at("target")).expect("the file"), "kept");
    let missing = command! { "true", daemonize, pidfile: at("no/such/folder.pid") }.run().unwrap_err();
    assert!(matches!(missing.kind(), ErrorKind::Start { step: Step::Pidfile, .. }), "{missing:?}");
}

#[test]
fn with_another_identity() {
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return airtight_tests::skipped("with_another_identity", "it changes ids: needs root");
    }
    alone("with_another_identity", || {
        let folder = Folder::new();
        let pidfile = folder.join("x.pid");
        // The pidfile is written before the ids change.
        let daemon = command! {
            "sleep",
            args: [60],
            daemonize,
            pidfile: &pidfile,
            user: "nobody",
            caps: keep(NET_BIND_SERVICE),
        };
        let daemon = daemon.run().expect("it starts");
        let status = std::fs::read_to_string(proc(format_args!("{}/status", daemon.id()))).expect("it runs");
        assert!(
            status.contains("Uid:\t65534\t65534\t65534\t65534") && status.contains("CapEff:\t0000000000000400"),
            "{status}"
        );
        assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", daemon.id()));
        end(&daemon);
        let missing = command! { "/nonexistent", daemonize, pidfile: &pidfile, user: "nobody" }.run().unwrap_err();
        assert_eq!(missing.to_string(), "`/nonexistent` does not exist");
        assert!(!pidfile.exists(), "the pidfile was left behind");
        no_children();
    });
}

#[test]
fn on_old_ground() {
    let _watch = airtight_tests::Watch::new();
    alone("on_old_ground", || {
        refuse(&[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::ENOSYS },
            Refused {
                call: libc::SYS_clone,
                operand: Some(Operand::Has(0, libc::CLONE_PIDFD as u32)),
                errno: libc::EINVAL,
            },
            Refused { call: libc::SYS_pidfd_open, operand: None, errno: libc::ENOSYS },
            Refused { call: libc::SYS_close_range, operand: None, errno: libc::ENOSYS },
        ]);
        let folder = Folder::new();
        let pidfile = folder.join("x.pid");
        let daemon = command! { "sleep", args: [60], daemonize, pidfile: &pidfile }.run().expect("it starts");
        assert!(daemon.pidfd().is_none());
        assert_eq!(std::fs::read_to_string(&pidfile).expect("the pidfile"), format!("{}\n", daemon.id()));
        no_children();
        end(&daemon);
        let missing = command! { "/nonexistent", daemonize, pidfile: &pidfile }.run().unwrap_err();
        assert_eq!(missing.to_string(), "`/nonexistent` does not exist");
        no_children();
    });
}

#[test]
fn many_at_once_on_one_pidfile_and_one_wins() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let pidfile = folder.join("x.pid");
    let started: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| scope.spawn(|| command! { "sleep", args: [60], daemonize, pidfile: &pidfile }.run()))
            .collect();
        threads.into_iter().map(|thread| thread.join().expect("the thread")).collect()
    });
    let (won, lost): (Vec<_>, Vec<_>) = started.into_iter().partition(Result::is_ok);
    assert_eq!((won.len(), lost.len()), (1, 7), "{lost:?}");
    end(won[0].as_ref().expect("the winner"));
    for error in lost {
        assert!(matches!(error.unwrap_err().kind(), ErrorKind::Start { step: Step::PidfileLock, .. }));
    }
}

#[test]
fn a_base_with_what_no_daemon_has_is_refused() {
    let _watch = airtight_tests::Watch::new();
    let base = command! { "true", cwd: "/tmp" };
    let error = command! { ..base, daemonize }.run().unwrap_err();
    assert_eq!(
        error.to_string(),
        "`true` was not started: a daemon has no `cwd`: remove it from the command to which `daemonize` is added"
    );
    let started = command! { ..command! { "cat" }, stdin: pipe, daemonize }.run();
    let mut daemon = started.expect("it starts");
    daemon.take_stdin().expect("a pipe").write_all(b"x").expect("it reads");
    gone(daemon.id());
}

#[test]
fn of_an_ordinary_user() {
    let _watch = airtight_tests::Watch::new();
    let run = || {
        let daemon = command! { "sleep", args: [60], daemonize }.run().expect("it starts");
        end(&daemon);
    };
    if is_root() {
        alone("of_an_ordinary_user", || {
            become_nobody();
            run();
        });
    } else {
        run();
    }
}
