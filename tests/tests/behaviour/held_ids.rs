//! Ids that the process already has are not set again. The streams of a program of another user belong to that user.
//! Other state of this process that used to prevent a start.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{
    Folder, Observed, Operand, Refused, alone, become_nobody, is_root, proc_is_hidden, refuse_as_root, skipped,
};
use std::io::{Read, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

/// The uid, gid and groups of this process.
fn own_ids() -> (u32, u32, Vec<u32>) {
    let groups = nix::unistd::getgroups().expect("groups").into_iter().map(nix::unistd::Gid::as_raw);
    (nix::unistd::getuid().as_raw(), nix::unistd::getgid().as_raw(), groups.collect())
}

#[test]
fn an_ordinary_user_declares_what_it_is() {
    let _watch = airtight_tests::Watch::new();
    alone("an_ordinary_user_declares_what_it_is", || {
        if is_root() {
            become_nobody();
        }
        let (uid, gid, groups) = own_ids();
        let output = command! { "id", args: ["-u"], uid: uid, gid: gid, groups: groups, stdout: text }.run();
        assert_eq!(output.expect("it runs").stdout().trim(), uid.to_string());
        let error = command! { "true", uid: uid, gid: gid, groups: [4567] }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Groups, .. }), "{error:?}");
        let error = command! { "true", uid: uid + 1, gid: gid, groups: [] }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Uid | Step::Groups, .. }), "{error:?}");
    });
}

#[test]
fn groups_in_another_order_are_the_same() {
    let _watch = airtight_tests::Watch::new();
    let test = "groups_in_another_order_are_the_same";
    if !is_root() {
        return skipped(test, "it sets its groups: needs root");
    }
    alone(test, || {
        // SAFETY: the list is as long as said.
        assert_eq!(unsafe { libc::setgroups(3, [70, 50, 60].as_ptr()) }, 0);
        refuse_as_root(&[Refused { call: libc::SYS_setgroups, operand: None, errno: libc::EPERM }]);
        command! { "true", uid: 0, gid: 0, groups: [60, 70, 50, 60] }.run().expect("nothing changes");
        command! { "true", uid: 65534, gid: 65534, groups: [50, 60, 70] }.run().expect("they do not change");
        let error = command! { "true", uid: 0, gid: 0, groups: [50, 60] }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Groups, .. }), "{error:?}");
    });
}

#[test]
fn capabilities_are_held_on_to_only_where_they_are_kept() {
    let _watch = airtight_tests::Watch::new();
    let test = "capabilities_are_held_on_to_only_where_they_are_kept";
    if !is_root() {
        return skipped(test, "it changes ids: needs root");
    }
    alone(test, || {
        let refused = Some(Operand::Is(0, libc::PR_SET_KEEPCAPS as u32));
        refuse_as_root(&[Refused { call: libc::SYS_prctl, operand: refused, errno: libc::EPERM }]);
        command! { "true", uid: 1234, gid: 1234, groups: [], caps: clear }.run().expect("nothing is kept");
        command! { "true", uid: 0, gid: 7, groups: [], caps: keep(CHOWN) }.run().expect("root stays root");
        // SECBIT_NO_SETUID_FIXUP.
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_SECUREBITS, 1 << 2, 0, 0, 0) }, 0);
        let cat = command! { "cat", args: [airtight_tests::proc("self/status")], stdout: text };
        let output = command! { ..cat, uid: 1234, gid: 1234, groups: [], caps: keep(CHOWN) }.run();
        let output = output.expect("nothing is lost");
        assert!(output.stdout().contains("CapEff:\t0000000000000001"), "{}", output.stdout());
    });
}

#[test]
fn another_user_opens_its_streams_again() {
    let _watch = airtight_tests::Watch::new();
    let test = "another_user_opens_its_streams_again";
    if !is_root() {
        return skipped(test, "it changes ids: needs root");
    }
    if proc_is_hidden() {
        return skipped(test, "`/dev/stdout` leads to /proc");
    }
    let sh = command! {
        "sh",
        args: ["-c", verbatim("cat /dev/stdin >/dev/stdout; echo late >/dev/stderr")],
        user: "nobody",
    };
    let ways = || command! { ..sh.clone(), stdin: buffer("fed"), stdout: text, stderr: text };
    // SAFETY: the closure does nothing.
    for command in [ways(), command! { ..ways(), caps: clear }, command! { ..ways(), pre_exec: unsafe { || Ok(()) } }] {
        let output = command.run().expect("it opens them");
        assert_eq!((output.stdout(), output.stderr()), ("fed", "late\n"));
    }
    let mut child = command! { ..sh, stdin: pipe, stdout: pipe }.spawn().expect("it starts");
    child.take_stdin().expect("a pipe").write_all(b"fed").expect("it is read");
    let mut text = String::new();
    child.take_stdout().expect("a pipe").read_to_string(&mut text).expect("text");
    child.wait().expect("it opens them");
    assert_eq!(text, "fed");
}

#[test]
fn after_unsharing_the_pid_namespace() {
    let _watch = airtight_tests::Watch::new();
    let test = "after_unsharing_the_pid_namespace";
    if !is_root() {
        return skipped(test, "it unshares a namespace: needs root");
    }
    if proc_is_hidden() {
        return skipped(test, "only /proc shows the PID namespace");
    }
    alone(test, || {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWPID) }, 0);
        let folder = Folder::new();
        let daemon = || command! { "true", daemonize, pidfile: folder.join("x.pid") };
        let refused = |error: airtight::Error| {
            let is_it = matches!(error.kind(), ErrorKind::Start { step: Step::Daemon, .. });
            assert!(is_it && error.to_string().contains("another PID namespace"), "{error}");
        };
        refused(daemon().run().expect_err("refused"));
        refused(command! { ..daemon(), handshake }.spawn().expect_err("refused"));
        assert!(!folder.join("x.pid").exists());
        // The first child is pid 1 of the namespace, which ends with it. The later children share the namespace with a
        // pid 1 that is not their parent.
        let first = command! { "sleep", args: [600], pdeathsig: SIGKILL }.spawn().expect("it starts");
        command! { "true", pdeathsig: SIGTERM }.run().expect("it runs");
        command! { "true", pdeathsig: SIGTERM, user: "nobody" }.run().expect("it runs");
        refused(daemon().run().expect_err("refused"));
        let error = command! { "true" }.exec();
        assert!(error.to_string().contains("unshare(CLONE_NEWPID)"), "{error}");
        drop(first);
    });
}

#[test]
fn a_pidfile_with_other_names_is_left_alone() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (precious, pidfile) = (folder.join("precious"), folder.join("x.pid"));
    for content in ["all that I have", ""] {
        std::fs::write(&precious, content).expect("a file");
        std::fs::hard_link(&precious, &pidfile).expect("a link");
        let error = command! { "sleep", args: [60], daemonize, pidfile: &pidfile }.run().expect_err("refused");
        assert!(error.to_string().ends_with("it has other names (hard links)"), "{error}");
        assert_eq!(std::fs::read_to_string(&precious).expect("it is there"), content);
        std::fs::remove_file(&pidfile).expect("it is there");
    }
}

/// Replaces a standard stream of this process by a descriptor.
fn becomes(stream: i32, fd: &OwnedFd) {
    // SAFETY: the test reads and writes nothing there.
    assert_eq!(unsafe { libc::dup2(fd.as_raw_fd(), stream) }, stream);
}

#[test]
fn what_is_inherited_blocks() {
    let _watch = airtight_tests::Watch::new();
    let test = "what_is_inherited_blocks";
    if proc_is_hidden() {
        return skipped(test, "reopening a pipe needs /proc");
    }
    alone(test, || {
        let harness = std::io::stdout().as_fd().try_clone_to_owned().expect("what the harness reads");
        let (mut reader, writer) = std::io::pipe().expect("a pipe");
        let writer = OwnedFd::from(writer);
        let nonblocking = |fd: &OwnedFd| {
            // SAFETY: a query without pointers.
            unsafe { libc::fcntl(fd.as_raw_fd(), libc::F_GETFL) & libc::O_NONBLOCK != 0 }
        };
        // SAFETY: sets a flag.
        assert_eq!(unsafe { libc::fcntl(writer.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) }, 0);
        becomes(1, &writer);
        // More than a pipe holds: a writer with O_NONBLOCK would lose some of it.
        let reads = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_millis(300));
            let mut bytes = Vec::new();
            reader.read_to_end(&mut bytes).map(|_| bytes.len())
        });
        command! { "head", args: ["-c", 1_000_000, "/dev/zero"], stdout: inherit }.run().expect("it runs");
        assert!(nonblocking(&writer), "the descriptor of this process still has O_NONBLOCK");
        becomes(1, &harness);
        drop(writer);
        assert_eq!(reads.join().expect("no panic").expect("bytes"), 1_000_000);
        // A socket cannot be reopened, and is passed unchanged.
        let (ours, theirs) = std::os::unix::net::UnixStream::pair().expect("sockets");
        theirs.set_nonblocking(true).expect("a flag");
        becomes(1, &theirs.into());
        command! { "echo", args: ["here"], stdout: inherit }.run().expect("it runs");
        becomes(1, &harness);
        let mut text = String::new();
        (&ours).read_to_string(&mut text).expect("text");
        assert_eq!(text, "here\n");
    });
}

#[test]
fn what_is_inherited_and_blocks_is_passed_on_itself() {
    let _watch = airtight_tests::Watch::new();
    let observer = env!("CARGO_BIN_EXE_observer");
    let output = command! { observer, stdin: inherit, stdout: buffer }.run().expect("it runs");
    let seen = Observed::parse(output.stdout());
    if !proc_is_hidden() {
        let own = std::fs::read_link("/proc/self/fd/0").expect("a stream");
        assert_eq!(seen.fds()[&0], own.to_string_lossy());
    }
}
