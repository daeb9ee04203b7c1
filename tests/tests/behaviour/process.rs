//! Limits, nice value, session, process group, namespaces, labels, as the child observes them.

use airtight::{ErrorKind, Step, command};
use airtight_tests::{
    Folder, Mounts, Observed, alone, full_name, is_root, proc, proc_is_hidden, said, skipped, this_program,
};
use std::fs::File;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The fields of `/proc/<pid>/stat` after the name; the first is the state.
fn stat(of: &str) -> Vec<String> {
    let fields = of.rsplit(") ").next().expect("a stat line");
    fields.split_whitespace().map(str::to_owned).collect()
}

#[test]
fn limits_soft_and_hard() {
    let _watch = airtight_tests::Watch::new();
    let (core, files) = (0, 512);
    let limits = command! {
        "cat",
        args: [proc("self/limits")],
        limits: [nofile = files, core = core, fsize = (1 << 20, unlimited), stack = (1 << 20, 1 << 21)],
        stdout: text,
    };
    let output = limits.run().expect("it runs");
    let line = |name: &str| -> Vec<&str> {
        let line = output.stdout().lines().find(|line| line.starts_with(name)).expect("a limit");
        line[name.len()..].split_whitespace().collect()
    };
    assert_eq!(line("Max open files")[..2], ["512", "512"]);
    assert_eq!(line("Max core file size")[..2], ["0", "0"]);
    assert_eq!(line("Max file size")[0], "1048576");
    assert_eq!(line("Max stack size")[..2], ["1048576", "2097152"]);
}

#[test]
fn every_limit_is_known_to_the_kernel_by_its_number() {
    let _watch = airtight_tests::Watch::new();
    let all = command! {
        "cat",
        args: [proc("self/limits")],
        limits: [cpu = 3600, fsize = 1 << 40, data = 1 << 40, stack = 1 << 22, core = 1, rss = 1 << 40, nproc = 500,
                 nofile = 300, memlock = 1 << 12, address_space = 1 << 42, locks = 5, sigpending = 99, msgqueue = 4096,
                 nice = 0, rtprio = 0, rttime = 1_000_000],
        stdout: text,
    };
    let output = all.run().expect("it runs");
    let firsts = [
        ("cpu time", 3600),
        ("file size", 1 << 40),
        ("data size", 1 << 40),
        ("stack size", 1 << 22),
        ("core file size", 1),
        ("resident set", 1 << 40),
        ("processes", 500),
        ("open files", 300),
        ("locked memory", 1 << 12),
        ("address space", 1u64 << 42),
        ("file locks", 5),
        ("pending signals", 99),
        ("msgqueue size", 4096),
        ("nice priority", 0),
        ("realtime priority", 0),
        ("realtime timeout", 1_000_000),
    ];
    for (name, value) in firsts {
        let line = output.stdout().lines().find(|line| line.contains(name)).expect(name);
        let soft = line[4 + name.len()..].split_whitespace().next();
        assert_eq!(soft, Some(value.to_string().as_str()), "{line}");
    }
}

#[test]
fn the_nice_value() {
    let _watch = airtight_tests::Watch::new();
    let ours: i32 = stat(&std::fs::read_to_string(proc("self/stat")).expect("/proc"))[16].parse().expect("a number");
    let nice = |value: i32| {
        let output = command! { "cat", args: [proc("self/stat")], nice: value, stdout: text }.run().expect("it runs");
        stat(output.stdout())[16].parse::<i32>().expect("a number")
    };
    assert_eq!((nice(7), nice(19)), (7, 19));
    let unset = command! { "cat", args: [proc("self/stat")], nice: None, stdout: text }.run().expect("it runs");
    assert_eq!(stat(unset.stdout())[16], ours.to_string());
}

#[test]
fn a_process_group_or_a_session_of_its_own() {
    let _watch = airtight_tests::Watch::new();
    let read = |output: airtight::Output<airtight::stdio::Text>| {
        let (line, fields) = (output.stdout().to_owned(), stat(output.stdout()));
        let pid = line.split(' ').next().expect("a pid").to_owned();
        (pid, fields[2].clone(), fields[3].clone())
    };
    let cat = || command! { "cat", args: [proc("self/stat")], stdout: text };
    let (pid, group, session) = read(command! { ..cat(), process_group }.run().expect("it runs"));
    assert!(group == pid && session != pid);
    let (pid, group, session) = read(command! { ..cat(), session }.run().expect("it runs"));
    assert!(group == pid && session == pid);
    let (pid, group, session) = read(cat().run().expect("it runs"));
    assert!(group != pid && session != pid);
}

#[test]
fn a_session_with_a_terminal() {
    let _watch = airtight_tests::Watch::new();
    // SAFETY: opens a new descriptor, or fails.
    let master = unsafe { libc::posix_openpt(libc::O_RDWR | libc::O_NOCTTY | libc::O_CLOEXEC) };
    assert!(master >= 0, "a pseudo-terminal: {}", std::io::Error::last_os_error());
    // SAFETY: just opened, and owned by nothing else.
    let master = unsafe { OwnedFd::from_raw_fd(master) };
    // SAFETY: the descriptor is a pseudo-terminal's.
    assert_eq!(unsafe { libc::grantpt(master.as_raw_fd()) }, 0);
    // SAFETY: as above.
    assert_eq!(unsafe { libc::unlockpt(master.as_raw_fd()) }, 0);
    let mut name = [0 as libc::c_char; 64];
    // SAFETY: the buffer is as long as said.
    assert_eq!(unsafe { libc::ptsname_r(master.as_raw_fd(), name.as_mut_ptr(), name.len()) }, 0);
    // SAFETY: it was filled with a C string.
    let name = unsafe { std::ffi::CStr::from_ptr(name.as_ptr()) }.to_str().expect("text");
    let slave = File::options().read(true).write(true).custom_flags(libc::O_NOCTTY).open(name).expect("the terminal");
    let output =
        command! { "cat", args: [proc("self/stat")], session(terminal), stdin: fd(&slave), stdout: text }.run();
    let fields = stat(output.expect("it runs").stdout());
    assert_ne!(fields[4], "0", "a controlling terminal");
    let error = command! { "true", session(terminal) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Terminal, .. }), "{error:?}");
    assert!(error.to_string().ends_with("its stdin is not a terminal"), "{error}");
}

#[test]
fn a_directory_by_its_descriptor() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let directory = File::open(folder.path()).expect("a directory");
    let resolved = folder.path().canonicalize().expect("it is there");
    let observe = || command! { OBSERVER, stdout: buffer };
    let borrowed = command! { ..observe(), cwd: fd(&directory) }.run().expect("it runs");
    let observed = Observed::parse(borrowed.stdout());
    assert_eq!(observed.one("cwd"), resolved.to_str().expect("text"));
    assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2], "the directory itself is not passed on");
    // Of a base and what extends it, the later one counts, whichever form it has.
    let later = command! { ..command! { ..observe(), cwd: fd(&directory) }, cwd: "/" }.run().expect("it runs");
    assert_eq!(Observed::parse(later.stdout()).one("cwd"), "/");
    let moved = command! { ..observe(), cwd: fd(directory) }.run().expect("it runs");
    assert_eq!(Observed::parse(moved.stdout()).one("cwd"), resolved.to_str().expect("text"));
    let file = File::open("/etc/passwd").expect("a file");
    let error = command! { "true", cwd: fd(&file) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Chdir, .. }), "{error:?}");
}

#[test]
fn a_network_namespace() {
    let _watch = airtight_tests::Watch::new();
    if !is_root() {
        return skipped("a_network_namespace", "it makes a network namespace: needs root");
    }
    alone("a_network_namespace", || {
        let ours = std::fs::read_link(proc("self/ns/net")).expect("/proc");
        // SAFETY: moves only the calling thread; a descriptor below keeps its old namespace.
        assert_eq!(unsafe { libc::unshare(libc::CLONE_NEWNET) }, 0, "{}", std::io::Error::last_os_error());
        let namespace = File::open(proc("thread-self/ns/net")).expect("/proc");
        let theirs = std::fs::read_link(proc("thread-self/ns/net")).expect("/proc");
        assert_ne!(ours, theirs);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let home = File::open(proc(format_args!("{}/ns/net", std::process::id()))).expect("/proc");
                // SAFETY: moves this thread alone.
                unsafe { libc::setns(home.as_raw_fd(), libc::CLONE_NEWNET) };
                let output = command! { "readlink", args: [proc("self/ns/net")], netns: fd(&namespace), stdout: text };
                assert_eq!(output.run().expect("it runs").stdout().trim(), theirs.to_str().expect("text"));
            });
        });
        let no_namespace = File::open("/dev/null").expect("the device");
        let error = command! { "true", netns: fd(&no_namespace) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Netns, .. }), "{error:?}");
    });
}

#[test]
fn a_control_group() {
    let _watch = airtight_tests::Watch::new();
    let error = command! { "true", cgroup: fd(File::open("/tmp").expect("a folder")) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Cgroup, .. }), "{error:?}");
    assert!(error.to_string().contains("cannot enter the control group"), "{error}");
    if !is_root() {
        return skipped("a_control_group", "it mounts the control groups in a namespace of its own: needs root");
    }
    alone("a_control_group", || {
        let folder = Folder::new();
        let mounts = Mounts::of_this_process();
        mounts.add(c"cgroup2", folder.path(), c"");
        let name = format!("airtight-test-{}", std::process::id());
        let path = folder.join(&name);
        std::fs::create_dir(&path).expect("a group");
        let group = File::open(&path).expect("the group");
        let cat = || command! { "cat", args: [proc("self/cgroup")], stdout: text };
        let entered = command! { ..cat(), cgroup: fd(&group) }.run();
        let identity = command! { ..cat(), cgroup: fd(&group), uid: 0, gid: 0, groups: [0] }.run();
        let ours = cat().run();
        drop(group);
        std::fs::remove_dir(&path).expect("nothing is left in it");
        mounts.remove(folder.path());
        for ran in [entered, identity] {
            let seen = ran.expect("it runs").into_stdout();
            assert!(seen.trim().ends_with(&name), "{seen}");
        }
        assert!(!ours.expect("it runs").stdout().contains(&name));
    });
}

#[test]
fn a_label_that_the_kernel_does_not_know() {
    let _watch = airtight_tests::Watch::new();
    let module =
        |name: &str| std::fs::read_to_string("/sys/kernel/security/lsm").is_ok_and(|modules| modules.contains(name));
    let without = |name: &str| match proc_is_hidden() {
        true => "`/proc` is not mounted".to_owned(),
        false => format!("this kernel has no {name}"),
    };
    if !module("selinux") {
        let error = command! { "true", selinux: "system_u:system_r:x_t:s0" }.run().unwrap_err();
        let shown = format!("cannot set the SELinux label `system_u:system_r:x_t:s0`: {}", without("SELinux"));
        assert!(error.to_string().ends_with(&shown), "{error}");
    }
    if !module("apparmor") {
        let error = command! { "true", apparmor: "a-profile" }.run().unwrap_err();
        assert!(error.to_string().contains("cannot set the AppArmor profile"), "{error}");
        assert!(error.to_string().ends_with(&without("AppArmor")), "{error}");
    }
    command! { "true", selinux: None::<&str>, apparmor: None::<&str> }.run().expect("none is wanted");
}

/// strace shows the calls, since they have no effect on a kernel without these modules.
#[test]
fn labels_are_written_to_the_process_itself() {
    let _watch = airtight_tests::Watch::new();
    const TEST: &str = "labels_are_written_to_the_process_itself";
    if std::env::var_os("AIRTIGHT_TEST_LABELS").is_some() {
        let _ = command! { "true", selinux: "a:selinux:label" }.run();
        let _ = command! { "true", apparmor: "a-profile" }.run();
        let _ = command! { "true", sched_core: new }.run();
        return;
    }
    let (folder, this) = (Folder::new(), this_program());
    let trace = folder.join("trace");
    let mut strace = std::process::Command::new("strace");
    strace
        .args(["-f", "-e", "trace=openat,write,prctl", "-o"])
        .arg(&trace)
        .arg(this)
        .args(["--exact", &full_name(TEST)]);
    match strace.env("AIRTIGHT_TEST_LABELS", "1").output() {
        Err(_) => return skipped(TEST, "strace is not installed (package strace)"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr)),
    }
    let trace = std::fs::read_to_string(trace).expect("a trace");
    let seen = |part: &str| trace.lines().any(|line| line.contains(part));
    assert!(seen(r#""/proc/thread-self/attr/exec", O_WRONLY|O_CLOEXEC"#), "{trace}");
    assert!(seen(r#""/proc/thread-self/attr/apparmor/exec", O_WRONLY|O_CLOEXEC"#), "{trace}");
    assert!(
        seen("prctl(PR_SCHED_CORE, PR_SCHED_CORE_CREATE, 0, ") || seen("prctl(0x3e /* PR_??? */, 0x1, 0"),
        "{trace}"
    );
    // Where the kernel has the file, the label is written to it.
    for (file, text) in [("attr/exec", "a:selinux:label"), ("attr/apparmor/exec", "exec a-profile")] {
        let opened = trace.lines().any(|line| line.contains(file) && !line.contains("= -1"));
        let written = format!(r#", "{text}", {})"#, text.len());
        let is_written = trace.lines().any(|line| line.contains("write(") && line.contains(&written));
        assert!(!opened || is_written, "{text}: {trace}");
    }
    said(TEST, "checked by its system calls, since this kernel has no labels or core scheduling to look at");
}

#[test]
fn core_scheduling() {
    let _watch = airtight_tests::Watch::new();
    match command! { "true", sched_core: new }.run() {
        Ok(_) => {}
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Start { step: Step::SchedCore, .. }), "{error:?}");
            assert!(error.to_string().contains("this kernel or machine has no core scheduling"), "{error}");
        }
    }
    let error = command! { "true", sched_core: share(u32::MAX >> 2) }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Start { step: Step::SchedCore, .. }), "{error:?}");
}

#[test]
fn no_new_privileges() {
    let _watch = airtight_tests::Watch::new();
    let output = command! { "cat", args: [proc("self/status")], no_new_privs, stdout: text }.run().expect("it runs");
    assert!(output.stdout().contains("NoNewPrivs:\t1"));
    let ours = std::fs::read_to_string(proc("self/status")).expect("/proc");
    assert!(ours.contains("NoNewPrivs:\t0"), "the parent's is unchanged");
}

#[test]
fn a_child_dies_with_the_thread_that_started_it() {
    let _watch = airtight_tests::Watch::new();
    let pid = std::thread::spawn(|| {
        let child = command! { "sleep", args: [60], pdeathsig: SIGKILL, status: raw }.spawn().expect("it starts");
        child.into_pid()
    });
    let pid = pid.join().expect("the thread");
    let begun = Instant::now();
    let status = pid.wait().expect("any end");
    assert_eq!(std::os::unix::process::ExitStatusExt::signal(&status), Some(libc::SIGKILL));
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_timeout_ends_the_whole_group() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let begun = Instant::now();
    // The leftover holds the stream, and is killed with its group.
    let leaves = command! {
        ACTOR,
        args: ["leave-behind", 20_000, folder.path(), "sleep", 20_000],
        process_group,
        stdout: buffer,
        timeout: Duration::from_millis(200),
    };
    let error = leaves.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Timeout { .. }), "{error:?}");
    // Without /proc a zombie counts as a member until its parent reaps it, so the whole grace passes.
    let most = if proc_is_hidden() { 3300 } else { 1100 };
    assert!(begun.elapsed() < Duration::from_millis(most), "{:?}", begun.elapsed());
}
