//! Without /proc, or with another file system in its place, everything works but what needs the kernel's files.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{Folder, Operand, Refused, Watch, alone, hide_proc, is_root, refuse, skipped};
use std::fs::File;
use std::os::fd::AsRawFd;
use std::path::Path;

/// Opens descriptors without close-on-exec, enough of them for pipes to get high numbers.
fn open_inheritable() {
    let file = File::open("/dev/zero").expect("a device");
    for _ in 0..300 {
        // SAFETY: a new descriptor, left open for the life of this process.
        assert!(unsafe { libc::dup(file.as_raw_fd()) } >= 0);
    }
}

/// Without /proc/self/fd, the shell finds its open descriptors by redirecting from each number.
const OPEN: &str = "for fd in 0 1 2 3 4 5 6 7 8 9; do if true <&$fd; then printf '%s ' $fd; fi; done 2>/dev/null";

fn everything_runs() {
    open_inheritable();
    let kept = File::open("/dev/zero").expect("a device");
    for _ in 0..2 {
        let open = command! { "sh", shell_script: OPEN, fds: [7 = &kept], stdout: text }.run().expect("it runs");
        assert_eq!(open.stdout(), "0 1 2 7 ");
        let fed = command! { "cat", stdin: buffer([b'x'; 300_000]), stdout: buffer, stderr: buffer }.run();
        assert_eq!(fed.expect("it runs").stdout().len(), 300_000);
        command! { "true", stdio: null }.run().expect("it runs");
        command! { "true", stdout: pipe }.spawn().expect("it starts").wait().expect("it succeeds");
        command! { "true", daemonize }.run().expect("it starts");
        command! { "true", handshake }
            .spawn()
            .expect("it starts")
            .proceed()
            .expect("it goes on")
            .wait()
            .expect("it ends");
        command! { "true", uid: 61236, gid: 61236, groups: [61236], caps: clear }.run().expect("it runs");
        // SAFETY: the closure does nothing.
        command! { "true", pre_exec: unsafe { || Ok(()) } }.run().expect("it runs");
        let error = command! { "true", cwd: "/nonexistent" }.run().unwrap_err();
        assert!(error.to_string().contains("cannot change directory"), "{error}");
    }
}

fn without_proc(test: &str, refused: &[Refused]) {
    let _watch = Watch::new();
    if !is_root() {
        return skipped(test, "mounts over /proc: needs root");
    }
    alone(test, || {
        // Below 2²⁰, the number up to which the child closes descriptors one by one.
        let limit = libc::rlimit { rlim_cur: 4096, rlim_max: 4096 };
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        hide_proc();
        refuse(refused);
        everything_runs();
    });
}

#[test]
fn with_all_calls() {
    without_proc("with_all_calls", &[]);
}

#[test]
fn and_without_close_range() {
    without_proc(
        "and_without_close_range",
        &[Refused { call: libc::SYS_close_range, operand: None, errno: libc::ENOSYS }],
    );
}

#[test]
fn and_without_anything_new() {
    let pidfd = Some(Operand::Has(0, libc::CLONE_PIDFD as u32));
    without_proc(
        "and_without_anything_new",
        &[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_clone, operand: pidfd, errno: libc::EINVAL },
            Refused { call: libc::SYS_close_range, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pidfd_open, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pidfd_send_signal, operand: None, errno: libc::EPERM },
            Refused { call: libc::SYS_pwritev2, operand: None, errno: libc::ENOSYS },
        ],
    );
}

/// An ordinary folder with the same names would accept a label, and the program would run without it.
#[test]
fn a_label_is_written_to_the_kernel_alone() {
    let test = "a_label_is_written_to_the_kernel_alone";
    let _watch = Watch::new();
    if !is_root() {
        return skipped(test, "mounts over /proc: needs root");
    }
    alone(test, || {
        hide_proc();
        let marker = Folder::new();
        let marked = marker.join("it ran");
        let refused = |step: Step| {
            let touch = command! { "touch", args: [&marked] };
            let error = match step {
                Step::SeLinux => command! { ..touch, selinux: "a:label" }.run().unwrap_err(),
                _ => command! { ..touch, apparmor: "a-profile" }.run().unwrap_err(),
            };
            assert!(matches!(error.kind(), ErrorKind::Start { step: failed, .. } if *failed == step), "{error:?}");
            assert!(!marked.exists(), "it ran without its label");
            error.to_string()
        };
        for shown in [refused(Step::SeLinux), refused(Step::AppArmor)] {
            assert!(shown.ends_with("`/proc` is not mounted"), "{shown}");
        }
        std::fs::create_dir_all("/proc/thread-self/attr/apparmor").expect("a folder in our own file system");
        for file in ["exec", "apparmor/exec"] {
            std::fs::write(Path::new("/proc/thread-self/attr").join(file), "").expect("a file");
        }
        for shown in [refused(Step::SeLinux), refused(Step::AppArmor)] {
            assert!(shown.ends_with("`/proc` is not a proc file system"), "{shown}");
        }
    });
}
