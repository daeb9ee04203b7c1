//! The child inherits nothing undeclared from the parent: no descriptors, no signal settings.

use airtight::{ErrorKind, command};
use airtight_tests::{Observed, Operand, Refused, alone, no_children, proc, refuse};
use std::fs::File;
use std::os::fd::{AsRawFd, IntoRawFd};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");

fn observed() -> Observed {
    Observed::parse(command! { OBSERVER, stdout: buffer }.run().expect("the observer runs").stdout())
}

/// Opens `count` descriptors without close-on-exec.
fn open_inheritable(count: usize) {
    let file = File::open("/dev/null").expect("/dev/null");
    for _ in 0..count {
        // SAFETY: a new descriptor, left open for the life of this process.
        assert!(unsafe { libc::dup(file.as_raw_fd()) } >= 0, "{}", std::io::Error::last_os_error());
    }
}

fn raise_descriptor_limit() {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: the structure is valid.
    unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
    limit.rlim_cur = limit.rlim_max.min(4096);
    // SAFETY: as above.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
}

/// Ignores signals and blocks all that a process can block.
fn odd_signals() {
    for signal in [libc::SIGPIPE, libc::SIGINT, libc::SIGCHLD, libc::SIGTSTP, 40] {
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    extern "C" fn handler(_: i32) {}
    // SAFETY: the handler does nothing.
    unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
    let mut set = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is filled, then used; only the mask of this thread changes.
    unsafe { libc::sigfillset(set.as_mut_ptr()) };
    // SAFETY: as above.
    unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut()) };
}

fn assert_clean(observed: &Observed) {
    assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2], "{:?}", observed.fds());
    for set in ["SigBlk", "SigIgn", "SigCgt", "SigPnd", "ShdPnd"] {
        assert_eq!(observed.signals(set), 0, "{set}");
    }
}

#[test]
fn a_thousand_descriptors_and_odd_signals() {
    let _watch = airtight_tests::Watch::new();
    alone("a_thousand_descriptors_and_odd_signals", || {
        raise_descriptor_limit();
        open_inheritable(1000);
        odd_signals();
        let mask_before = own_mask();
        // With SIGCHLD ignored, waitid has no status to return. Since Linux 6.15 PIDFD_GET_INFO still has it.
        match command! { OBSERVER, stdout: buffer }.run() {
            Ok(output) => assert_clean(&Observed::parse(output.stdout())),
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::LostStatus), "{error:?}");
                assert!(kernel() < (6, 15), "this kernel keeps the status: {error:?}");
                assert_clean(&Observed::parse(error.stdout()));
            }
        }
        assert_eq!(own_mask(), mask_before, "the parent's mask was changed");
    });
}

/// The blocked signals of this thread.
fn own_mask() -> String {
    let status = std::fs::read_to_string(proc("thread-self/status")).expect("/proc");
    status.lines().find(|line| line.starts_with("SigBlk")).expect("a mask").to_owned()
}

/// The version of the running kernel.
fn kernel() -> (u32, u32) {
    let release = std::fs::read_to_string(proc("sys/kernel/osrelease")).expect("/proc");
    let mut numbers = release.split(['.', '-']).map(|part| part.trim().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

#[test]
fn an_ignored_sigpipe_and_a_blocked_sigterm() {
    let _watch = airtight_tests::Watch::new();
    alone("an_ignored_sigpipe_and_a_blocked_sigterm", || {
        raise_descriptor_limit();
        open_inheritable(1000);
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(libc::SIGPIPE, libc::SIG_IGN) };
        let mut set = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
        // SAFETY: the set is valid.
        unsafe { libc::sigaddset(set.as_mut_ptr(), libc::SIGTERM) };
        // SAFETY: as above.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, set.as_ptr(), std::ptr::null_mut()) };
        assert_clean(&observed());
    });
}

#[test]
fn descriptors_with_holes_between_them() {
    let _watch = airtight_tests::Watch::new();
    alone("descriptors_with_holes_between_them", || {
        let file = File::open("/dev/null").expect("/dev/null");
        for number in [5, 7, 8, 100, 250, 251, 1000] {
            // SAFETY: this process has few descriptors: the numbers are unused, or may be replaced.
            unsafe { libc::dup2(file.as_raw_fd(), number) };
        }
        assert_clean(&observed());
        let kept = File::open("/dev/zero").expect("/dev/zero");
        // SAFETY: as above.
        let high = unsafe { libc::fcntl(kept.as_raw_fd(), libc::F_DUPFD, 900) };
        // SAFETY: just opened.
        let high = unsafe { <File as std::os::fd::FromRawFd>::from_raw_fd(high) };
        let output = command! { OBSERVER, stdin: fd(&high), stdout: buffer }.run().expect("it runs");
        let observed = Observed::parse(output.stdout());
        assert_clean(&observed);
        assert_eq!(observed.fds()[&0], "/dev/zero");
    });
}

#[test]
fn closed_standard_streams_of_the_parent() {
    let _watch = airtight_tests::Watch::new();
    alone("closed_standard_streams_of_the_parent", || {
        for closed in [&[0][..], &[0, 1], &[0, 1, 2], &[1, 2]] {
            // SAFETY: the streams are restored below, and not written to before.
            let kept: Vec<i32> = (0..3).map(|fd| unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 50) }).collect();
            for fd in closed {
                // SAFETY: as above.
                unsafe { libc::close(*fd) };
            }
            let silent = command! { OBSERVER, stdout: buffer }.run();
            let inheriting = command! { OBSERVER, stdin: inherit, stdout: buffer, stderr: inherit }.run();
            let fed = command! { "cat", stdin: buffer("fed"), stdout: buffer, stderr: buffer }.run();
            for (fd, kept) in kept.into_iter().enumerate() {
                // SAFETY: as above.
                unsafe { libc::dup2(kept, fd as i32) };
                // SAFETY: as above.
                unsafe { libc::close(kept) };
            }
            assert_clean(&Observed::parse(silent.expect("it runs").stdout()));
            let output = inheriting.expect("it runs");
            let observed = Observed::parse(output.stdout());
            assert_clean(&observed);
            for fd in closed.iter().filter(|fd| **fd != 1) {
                assert_eq!(observed.fds()[fd], "/dev/null", "where the parent has no stream {fd}");
            }
            assert_eq!(fed.expect("it runs").stdout(), b"fed");
        }
    });
}

#[test]
fn a_limit_lowered_below_open_descriptors() {
    let _watch = airtight_tests::Watch::new();
    alone("a_limit_lowered_below_open_descriptors", || {
        raise_descriptor_limit();
        open_inheritable(600);
        let limit = libc::rlimit { rlim_cur: 50, rlim_max: 4096 };
        // SAFETY: frees the numbers that the start itself needs, then lowers the limit of this process.
        (10..30).for_each(|fd| assert_eq!(unsafe { libc::close(fd) }, 0));
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        assert_clean(&observed());
    });
}

/// The refusals of old kernels and old container runtimes.
const OLD: [(&str, &[Refused]); 8] = [
    ("no clone3", &[Refused { call: libc::SYS_clone3, operand: None, errno: libc::ENOSYS }]),
    ("clone3 forbidden", &[Refused { call: libc::SYS_clone3, operand: None, errno: libc::EPERM }]),
    (
        "no CLONE_PIDFD",
        &[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::ENOSYS },
            Refused {
                call: libc::SYS_clone,
                operand: Some(Operand::Has(0, libc::CLONE_PIDFD as u32)),
                errno: libc::EINVAL,
            },
        ],
    ),
    (
        "no pidfd at all",
        &[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::ENOSYS },
            Refused {
                call: libc::SYS_clone,
                operand: Some(Operand::Has(0, libc::CLONE_PIDFD as u32)),
                errno: libc::EINVAL,
            },
            Refused { call: libc::SYS_pidfd_open, operand: None, errno: libc::ENOSYS },
            Refused { call: libc::SYS_pidfd_send_signal, operand: None, errno: libc::ENOSYS },
        ],
    ),
    ("no close_range", &[Refused { call: libc::SYS_close_range, operand: None, errno: libc::ENOSYS }]),
    (
        "no CLOSE_RANGE_UNSHARE",
        &[Refused { call: libc::SYS_close_range, operand: Some(Operand::Has(2, 2)), errno: libc::EINVAL }],
    ),
    ("no RWF_NOSIGNAL", &[Refused { call: libc::SYS_pwritev2, operand: None, errno: libc::EOPNOTSUPP }]),
    (
        "none of these",
        &[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_close_range, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pidfd_open, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pidfd_send_signal, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pwritev2, operand: None, errno: libc::ENOSYS },
        ],
    ),
];

/// One test for each of [`OLD`], since a seccomp filter lasts as long as its process.
macro_rules! on_old_ground {
    ($($test:ident $index:expr;)*) => {$(
        #[test]
        fn $test() {
            let _watch = airtight_tests::Watch::new();
            alone(stringify!($test), || on_old_ground(OLD[$index]));
        }
    )*};
}

on_old_ground! {
    without_clone3 0;
    with_clone3_forbidden 1;
    without_a_pidfd_from_clone 2;
    without_any_pidfd 3;
    without_close_range 4;
    without_leaving_the_table_by_close_range 5;
    without_a_quiet_write 6;
    without_any_of_these 7;
}

fn on_old_ground((name, refused): (&str, &[Refused])) {
    raise_descriptor_limit();
    open_inheritable(1000);
    refuse(refused);
    // SAFETY: with the default action SIGPIPE would kill this process: feeding must not raise it.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
    for _ in 0..3 {
        assert_clean(&observed());
        let fed = command! { "cat", stdin: buffer(vec![b'x'; 300_000]), stdout: buffer }.run();
        assert_eq!(fed.unwrap_or_else(|error| panic!("{name}: {error}")).stdout().len(), 300_000);
        command! { "true", stdin: buffer(vec![b'x'; 1_000_000]) }
            .run()
            .unwrap_or_else(|error| panic!("{name}: {error}"));
        let error = command! { "/nonexistent/program" }.run().unwrap_err();
        assert_eq!(error.to_string(), "`/nonexistent/program` does not exist", "{name}");
        let error = command! { "true", cwd: "/nonexistent" }.run().unwrap_err();
        assert!(error.to_string().contains("cannot change directory to `/nonexistent`"), "{name}: {error}");
        let error = command! { "false" }.run().unwrap_err();
        assert_eq!(error.to_string(), "`false` exited with code 1", "{name}");
    }
    let before = open_descriptors();
    for _ in 0..10 {
        command! { "true" }.run().unwrap_or_else(|error| panic!("{name}: {error}"));
        let _ = command! { "/nonexistent/program" }.run().unwrap_err();
    }
    assert_eq!(open_descriptors(), before, "{name}: descriptors were left open");
    no_children();
}

/// A child that unshares its descriptor table copies all numbers below the highest one that it keeps. So it closes
/// pipes with high numbers, and reopens them through /proc. Where that fails, it keeps them.
#[test]
fn many_descriptors_where_nothing_is_opened_again() {
    let _watch = airtight_tests::Watch::new();
    alone("many_descriptors_where_nothing_is_opened_again", || {
        raise_descriptor_limit();
        open_inheritable(1000);
        let served = || {
            assert_clean(&observed());
            let fed = command! { "cat", stdin: buffer(vec![b'x'; 300_000]), stdout: buffer, stderr: buffer }.run();
            assert_eq!(fed.expect("it runs").stdout().len(), 300_000);
            let mut lines = Vec::new();
            let each = |line: &str| lines.push(line.to_owned());
            command! { "sh", shell_script: "echo one; echo two >&2", stdout: lines(each), stderr: stdout }
                .run()
                .expect("it runs");
            assert_eq!(lines, ["one", "two"]);
            let mut child = command! { "cat", stdin: pipe, stdout: pipe }.spawn().expect("it starts");
            let mut stdin = child.take_stdin().expect("a pipe");
            std::io::Write::write_all(&mut stdin, b"said").expect("it reads");
            drop(stdin);
            let said = std::io::read_to_string(child.take_stdout().expect("a pipe")).expect("it answers");
            assert_eq!((said.as_str(), child.wait().is_ok()), ("said", true));
        };
        served();
        let opened_again = Operand::Is(2, (libc::O_WRONLY | libc::O_CLOEXEC) as u32);
        refuse(&[Refused { call: libc::SYS_openat, operand: Some(opened_again), errno: libc::EACCES }]);
        served();
        served();
        // SAFETY: takes no pointers but null ones.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_DUMPABLE, 0) }, 0);
        served();
    });
}

fn open_descriptors() -> usize {
    std::fs::read_dir(proc("self/fd")).expect("/proc").count()
}

#[test]
fn nothing_is_left_behind_in_the_parent() {
    let _watch = airtight_tests::Watch::new();
    alone("nothing_is_left_behind_in_the_parent", || {
        let all = || {
            let _ = command! { "true", stdin: buffer("x"), stdout: buffer, stderr: buffer }.run();
            let _ = command! { "false" }.run();
            let _ = command! { "/nonexistent" }.run();
            let _ = command! { "true", cwd: "/nonexistent", stdin: buffer("x"), stdout: text }.run();
            let _ = command! { "true", stdout: fd(File::create("/dev/null").expect("the device")) }.run();
            let _ = command! { "true", args: [String::from("-x")], stdin: file("/dev/null") }.run();
        };
        all();
        let before = open_descriptors();
        (0..20).for_each(|_| all());
        assert_eq!(open_descriptors(), before, "descriptors were left open");
        no_children();
        let kept = File::open("/dev/null").expect("the device").into_raw_fd();
        assert!(kept < 10, "low numbers are free again: {kept}");
    });
}
