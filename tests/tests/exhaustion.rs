//! Exhausted resources: descriptors, processes, memory, disk, argument space, output bounds. Either the command runs,
//! or there is a clear error, and nothing was started or left.

use airtight::{Error, ErrorKind, Step, command};
use airtight_tests::{
    Folder, Mounts, Watch, alone, at_scale, become_nobody, has_clone3, is_root, no_children, own_status, proc, said,
    skipped,
};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

const PROBE: &str = env!("CARGO_BIN_EXE_probe");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

macro_rules! set_limit {
    ($resource:ident, $soft:expr, $hard:expr) => {{
        let limit = libc::rlimit { rlim_cur: $soft, rlim_max: $hard };
        // SAFETY: the structure is valid.
        let set = unsafe { libc::setrlimit(libc::$resource, &raw const limit) };
        assert_eq!(set, 0, "{}", std::io::Error::last_os_error());
    }};
}

/// Opens descriptors until `left` numbers are free.
fn fill_descriptors(left: usize) -> Vec<OwnedFd> {
    let file = File::open("/dev/zero").expect("a device");
    let mut filler = Vec::new();
    loop {
        // SAFETY: a new descriptor.
        let fd = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
        if fd < 0 {
            break;
        }
        // SAFETY: just opened.
        filler.push(unsafe { OwnedFd::from_raw_fd(fd) });
    }
    drop(file);
    // The number of the file itself is already free.
    filler.truncate(filler.len() + 1 - left.max(1));
    if left == 0 {
        // SAFETY: fills the last one.
        let fd = unsafe { libc::dup(filler[0].as_raw_fd()) };
        // SAFETY: just opened.
        filler.push(unsafe { OwnedFd::from_raw_fd(fd) });
    }
    filler
}

fn errno_of(error: &Error) -> (Step, Option<i32>) {
    match error.kind() {
        ErrorKind::Start { step, source, .. } => (*step, source.raw_os_error()),
        other => panic!("{other:?}"),
    }
}

/// Each kind of command with 0, 1, 2 … free descriptors: it runs if they are enough; if not, the error says so.
#[test]
fn descriptors() {
    let _watch = Watch::new();
    alone("descriptors", || {
        set_limit!(RLIMIT_NOFILE, 128, 128);
        type Run = fn() -> Result<(), Error>;
        let kinds: [(&str, usize, Run); 5] = [
            ("null streams", 1, || command! { "/bin/true", stdio: null }.run().map(drop)),
            ("default streams", 3, || command! { "/bin/true" }.run().map(drop)),
            ("two buffers", 5, || command! { "/bin/true", stdout: buffer, stderr: buffer }.run().map(drop)),
            ("three pipes", 7, || {
                command! { "/bin/true", stdin: buffer("x"), stdout: buffer, stderr: buffer }.run().map(drop)
            }),
            ("a daemon", 3, || command! { "/bin/true", daemonize }.run().map(drop)),
        ];
        // Without clone3, the child reports a failure through a pipe, which takes two more.
        let more = if has_clone3() { 0 } else { 2 };
        for (name, needed, run) in kinds.map(|(name, needed, run)| (name, needed + more, run)) {
            for left in 0..10 {
                let filler = fill_descriptors(left);
                let ran = run();
                drop(filler);
                match ran {
                    // It also runs with one fewer, without a pidfd.
                    Ok(()) => assert!(left + 1 >= needed, "{name} ran with {left}"),
                    Err(error) => {
                        assert!(left < needed, "{name} with {left} left: {error}");
                        let (step, errno) = errno_of(&error);
                        assert_eq!(errno, Some(libc::EMFILE), "{error}");
                        assert!([Step::Pipe, Step::Clone, Step::Report, Step::Daemon].contains(&step), "{error}");
                        assert!(
                            error.to_string().ends_with(&std::io::Error::from_raw_os_error(libc::EMFILE).to_string()),
                            "{error}"
                        );
                    }
                }
                no_children();
            }
        }
    });
}

/// Open descriptors up to the limit, less those that the start needs: the declared ones are passed, the others closed.
#[test]
fn all_descriptors_but_a_few() {
    let _watch = Watch::new();
    alone("all_descriptors_but_a_few", || {
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is valid.
        unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) };
        set_limit!(RLIMIT_NOFILE, limit.rlim_max, limit.rlim_max);
        let filler = fill_descriptors(8);
        let last = filler.last().expect("there are many");
        let output = command! { PROBE, args: ["table", 1], fds: [last], stdout: text }.run().expect("it runs");
        let numbers: Vec<_> = output.stdout().lines().filter_map(|line| line.split(' ').next()).collect();
        assert_eq!(numbers, ["0", "1", "2", &last.as_raw_fd().to_string()]);
        said("all_descriptors_but_a_few", &format!("{} were open", filler.len()));
    });
}

#[test]
fn processes() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("processes", "becomes an ordinary user: needs root");
    }
    alone("processes", || {
        // This process is beyond the limit already; root is exempt until ids change.
        set_limit!(RLIMIT_NPROC, 0, 0);
        become_nobody();
        for error in [
            command! { "/bin/true" }.run().unwrap_err(),
            command! { "/bin/true", daemonize }.run().unwrap_err(),
            command! { "/bin/true", handshake }.spawn().unwrap_err(),
        ] {
            assert_eq!(errno_of(&error), (Step::Clone, Some(libc::EAGAIN)), "{error}");
            assert!(error.to_string().contains("cannot create a process for `/bin/true`"), "{error}");
        }
        no_children();
    });
}

/// A user at the limit of processes: execve fails with EAGAIN, since the ids have changed before.
#[test]
fn processes_of_another_user() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("processes_of_another_user", "it changes ids: needs root");
    }
    const GROUPS: [u32; 0] = [];
    let of_user = || command! { "/bin/sleep", args: [60], uid: 61234, gid: 61234, groups: GROUPS };
    let other = of_user().spawn().expect("it starts");
    let error = command! { ..of_user(), limits: [nproc = 0] }.run().unwrap_err();
    other.abort();
    assert_eq!(errno_of(&error), (Step::Exec, Some(libc::EAGAIN)), "{error}");
}

#[test]
fn memory() {
    let _watch = Watch::new();
    alone("memory", || {
        // Each of many concurrent children has a stack mapped anew.
        let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: the structure is valid.
        unsafe { libc::getrlimit(libc::RLIMIT_AS, &raw mut limit) };
        let statm = std::fs::read_to_string(proc("self/statm")).expect("/proc is mounted");
        let pages: u64 = statm.split(' ').next().and_then(|size| size.parse().ok()).expect("a number");
        set_limit!(RLIMIT_AS, pages * 4096 + (1 << 20), limit.rlim_max);
        let mut waiting = Vec::new();
        let error = loop {
            match command! { "/bin/true", handshake }.spawn() {
                Ok(pending) => waiting.push(pending),
                Err(error) => break error,
            }
            assert!(waiting.len() < 1000, "memory does not end");
        };
        set_limit!(RLIMIT_AS, limit.rlim_cur, limit.rlim_max);
        assert_eq!(errno_of(&error), (Step::Stack, Some(libc::ENOMEM)), "{error}");
        assert!(!waiting.is_empty());
        for pending in waiting {
            pending.proceed().expect("it goes on").wait().expect("it succeeds");
        }
        no_children();
    });
}

#[test]
fn disk() {
    let _watch = Watch::new();
    if !is_root() {
        return skipped("disk", "mounts a small file system: needs root");
    }
    alone("disk", || {
        let folder = Folder::new();
        let mounts = Mounts::of_this_process();
        mounts.add(c"tmpfs", folder.path(), c"size=16k");
        let _ = std::fs::write(folder.join("full"), vec![b'x'; 1 << 20]);
        let pidfile = folder.join("x.pid");
        let error = command! { "/bin/sleep", args: [60], daemonize, pidfile: &pidfile }.run().unwrap_err();
        assert_eq!(errno_of(&error), (Step::Pidfile, Some(libc::ENOSPC)), "{error}");
        assert!(error.to_string().contains("No space left on device"), "{error}");
        assert!(!pidfile.exists(), "it is left");
        no_children();
        // ENOSPC is reported to the program that writes; its exit is reported to the caller.
        let full = folder.join("output");
        let error =
            command! { ACTOR, args: ["flood-stdout", 1 << 20], stdout: file(&full), stderr: buffer }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Exit { .. }), "{error:?}");
        assert!(String::from_utf8_lossy(error.stderr()).contains("No space left"), "{error}");
        mounts.remove(folder.path());
    });
}

#[test]
fn arguments_and_variables() {
    let _watch = Watch::new();
    // One argument: 128 KiB with its NUL.
    const WORD: usize = 128 << 10;
    let fits = "x".repeat(WORD - 1);
    command! { "/bin/true", args: [&fits] }.run().expect("it fits");
    let error = command! { "/bin/true", args: ["a", format!("{fits}x")] }.run().unwrap_err();
    assert_eq!(errno_of(&error), (Step::Exec, Some(libc::E2BIG)));
    let shown = "`/bin/true` was not started: cannot execute `/bin/true`: argument 2 is 131072 bytes long, \
                 and the kernel allows 131071";
    assert_eq!(error.to_string().replace(&fits, "…"), shown);
    let error = command! { "/bin/true", env: empty + { LONG = &fits } }.run().unwrap_err();
    assert!(
        error.to_string().contains("a variable is 131076 bytes long with its name, and the kernel allows 131071"),
        "{error}"
    );
    // The whole argument list: a quarter of the stack's limit, and at most 6 MiB.
    let many = vec!["x".repeat(100_000); 100];
    let error = command! { "/bin/true", args: [..&many], env: empty }.run().unwrap_err();
    assert_eq!(errno_of(&error), (Step::Exec, Some(libc::E2BIG)));
    assert!(error.to_string().contains("its arguments and environment take 10000"), "{error}");
    assert!(error.to_string().contains("bytes, more than the kernel allows"), "{error}");
    let error = command! { "/bin/true", args: [..&many], daemonize }.run().unwrap_err();
    assert_eq!(errno_of(&error), (Step::Exec, Some(libc::E2BIG)));
}

/// Output far beyond the bound is read and discarded, and uses no more memory than the bound.
#[test]
fn gigabytes_against_a_bound() {
    let _watch = Watch::new();
    let length = at_scale(64 << 20, 4 << 30);
    // In a process of its own, so that other tests' memory does not count.
    alone("gigabytes_against_a_bound", || {
        command! { "/bin/true" }.run().expect("it runs");
        let before = own_status("VmHWM");
        let error = command! { "head", args: [("-c", length), "/dev/zero"], stdout: buffer(max = 1_000_000) }
            .run()
            .unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutputLimit { stream: "stdout", max: 1_000_000, .. }), "{error:?}");
        assert_eq!(error.stdout().len(), 1_000_000);
        let after = own_status("VmHWM");
        // The bound and some pages; three times the bound would be too much.
        assert!(after < before + 3_000, "{before} and then {after} KiB");
    });
    said("gigabytes_against_a_bound", &format!("{length} bytes"));
}
