//! Many commands at once, beside everything that another thread may do; and for long.

use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Operand, Refused, Watch, alone, at_scale, is_root, refuse, said};
use std::fs::File;
use std::io::{PipeReader, Read};
use std::os::fd::AsRawFd;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const PROBE: &str = env!("CARGO_BIN_EXE_probe");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const THREADS: usize = 32;

/// What other threads do meanwhile, until the flag is set: each of these again and again.
type Disturbance = fn(&AtomicBool);

fn disturb(stop: &AtomicBool, mut once: impl FnMut(), pause: Duration) {
    while !stop.load(Ordering::Relaxed) {
        once();
        std::thread::sleep(pause);
    }
}

/// Opens descriptors without close-on-exec, at low numbers and at high ones.
fn opens(stop: &AtomicBool) {
    let pause = Duration::from_micros(50);
    disturb(
        stop,
        || {
            // SAFETY: the path is a C string.
            let low = unsafe { libc::open(c"/dev/zero".as_ptr(), libc::O_RDONLY) };
            // SAFETY: any number from 700 up.
            let high = unsafe { libc::fcntl(low, libc::F_DUPFD, 700) };
            for fd in [low, high] {
                // SAFETY: opened above.
                unsafe { libc::close(fd) };
            }
        },
        pause,
    );
}

/// Sends signals, for which there is a handler, to this process and to its threads.
fn signals(stop: &AtomicBool) {
    disturb(
        stop,
        || {
            // SAFETY: the signal has a handler that does next to nothing.
            unsafe { libc::kill(std::process::id() as i32, libc::SIGUSR1) };
        },
        Duration::from_micros(200),
    );
}

fn allocates(stop: &AtomicBool) {
    let mut size = 1;
    disturb(
        stop,
        || {
            size = (size * 7 + 13) % 200_000;
            std::hint::black_box(vec![1_u8; size]);
        },
        Duration::from_micros(20),
    );
}

fn sets_variables(stop: &AtomicBool) {
    let mut count = 0;
    disturb(
        stop,
        || {
            count += 1;
            // SAFETY: all threads of this process go through std, whose lock holds them apart.
            unsafe { std::env::set_var("AIRTIGHT_TEST_COUNT", "x".repeat(count % 300)) };
        },
        Duration::from_micros(30),
    );
}

/// Waits for any child, as a careless supervisor does.
fn steals(stop: &AtomicBool) {
    disturb(
        stop,
        || {
            // SAFETY: no status is asked for.
            unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) };
        },
        Duration::ZERO,
    );
}

static HANDLED: AtomicUsize = AtomicUsize::new(0);

fn handle(signal: i32) {
    extern "C" fn handler(_: i32) {
        HANDLED.fetch_add(1, Ordering::Relaxed);
    }
    let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: zeroes are a valid action, and nothing else refers to it.
    let filled = unsafe { action.assume_init_mut() };
    filled.sa_sigaction = handler as *const () as libc::sighandler_t;
    // Without SA_RESTART: every call has to bear it.
    // SAFETY: the handler only counts.
    assert_eq!(unsafe { libc::sigaction(signal, filled, std::ptr::null_mut()) }, 0);
}

/// What a thread's `index`-th command returns: the way it is started changes with it.
fn one(index: usize) -> Result<i32, airtight::Error> {
    let code = index % 90;
    let check = command! { PROBE, args: ["check", code], status: code };
    match index % 5 {
        0 => check.run().map(|output| output.status()),
        1 => command! { ..check, stdin: buffer("fed"), stdout: buffer, stderr: buffer }
            .run()
            .map(|output| output.status()),
        2 => command! { ..check, stdio: null, env: empty }.run().map(|output| output.status()),
        3 => check.spawn()?.wait(),
        _ => command! { ..check, stdout: pipe }.spawn()?.into_pid().wait(),
    }
}

/// `commands` of them in [`THREADS`] threads, beside the disturbances. How many had their status taken by somebody.
fn at_once(commands: usize, disturbances: &[Disturbance]) -> usize {
    let (stop, lost) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for disturbance in disturbances {
            scope.spawn(|| disturbance(&stop));
        }
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let lost = &lost;
                scope.spawn(move || {
                    for index in (thread..commands).step_by(THREADS) {
                        match one(index) {
                            Ok(code) => assert_eq!(code, (index % 90) as i32, "command {index}"),
                            Err(error) if matches!(error.kind(), ErrorKind::LostStatus) => {
                                lost.fetch_add(1, Ordering::Relaxed);
                            }
                            Err(error) => panic!("command {index}: {error}"),
                        }
                    }
                })
            })
            .collect();
        let ended: Vec<_> = threads.into_iter().map(|thread| thread.join()).collect();
        stop.store(true, Ordering::Relaxed);
        assert!(ended.iter().all(Result::is_ok), "a thread has failed");
    });
    lost.into_inner()
}

fn no_children() {
    // SAFETY: asks for any child, without waiting.
    let waited = unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WALL) };
    assert_eq!((waited, std::io::Error::last_os_error().raw_os_error()), (-1, Some(libc::ECHILD)));
}

#[test]
fn threads_at_once_beside_everything() {
    let _watch = Watch::new();
    alone("threads_at_once_beside_everything", || {
        handle(libc::SIGUSR1);
        let commands = at_scale(3_000, 100_000);
        let lost = at_once(commands, &[opens, opens, signals, allocates, sets_variables]);
        assert_eq!(lost, 0, "nobody has taken a status");
        no_children();
        let handled = HANDLED.load(Ordering::Relaxed);
        assert!(handled > 0, "no signal came");
        eprintln!("{commands} commands of {THREADS} threads at once, {handled} signals");
    });
    said("threads_at_once_beside_everything", &format!("{} commands", at_scale(3_000, 100_000)));
}

/// Whether this kernel still knows how a process ended that somebody else has reaped (Linux 6.15).
fn remembers() -> bool {
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").expect("/proc is mounted");
    let mut numbers = release.split(['.', '-']).map(|part| part.trim().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 15)
}

#[test]
fn a_thief_of_statuses() {
    let _watch = Watch::new();
    alone("a_thief_of_statuses", || {
        let commands = at_scale(1_000, 10_000);
        let lost = at_once(commands, &[steals]);
        // What is lost is said to be lost: no status is wrong.
        assert!(lost == 0 || !remembers(), "{lost} of {commands} are lost");
        no_children();
    });
}

/// Runs commands where the kernel keeps no status of children, but perhaps that of a pidfd.
fn without_statuses(test: &str, flags: i32, handler: libc::sighandler_t, pidfds_remember: bool) {
    let _watch = Watch::new();
    alone(test, || {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: zeroes are a valid action, and nothing else refers to it.
        let filled = unsafe { action.assume_init_mut() };
        (filled.sa_sigaction, filled.sa_flags) = (handler, flags);
        // SAFETY: no code is run by it.
        assert_eq!(unsafe { libc::sigaction(libc::SIGCHLD, filled, std::ptr::null_mut()) }, 0);
        if !pidfds_remember {
            // PIDFD_GET_INFO.
            let operand = Some(Operand::Is(1, 0xC040_FF0B));
            refuse(&[Refused { call: libc::SYS_ioctl, operand, errno: libc::ENOTTY }]);
        }
        let commands = at_scale(500, 5_000);
        let lost = at_once(commands, &[]);
        assert_eq!(lost, if pidfds_remember && remembers() { 0 } else { commands });
        let error = command! { "true", cwd: "/nonexistent" }.run().unwrap_err();
        assert!(error.to_string().contains("cannot change directory"), "{error}");
        let error = command! { "/nonexistent" }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::NotFound { .. }), "{error}");
        no_children();
    });
}

#[test]
fn sigchld_is_ignored() {
    without_statuses("sigchld_is_ignored", 0, libc::SIG_IGN, true);
}

#[test]
fn children_are_not_waited_for() {
    without_statuses("children_are_not_waited_for", libc::SA_NOCLDWAIT, libc::SIG_DFL, true);
}

#[test]
fn sigchld_is_ignored_on_an_older_kernel() {
    without_statuses("sigchld_is_ignored_on_an_older_kernel", 0, libc::SIG_IGN, false);
}

/// Each thread writes a program and runs it at once, while the others start theirs, whose children have a copy of the
/// table of descriptors for a moment.
#[test]
fn programs_that_were_just_written() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let content = std::fs::read(PROBE).expect("the probe");
    let each = at_scale(200, 4_000) / THREADS;
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (folder, content) = (&folder, &content);
            scope.spawn(move || {
                let path = folder.join(&format!("program-{thread}"));
                for _ in 0..each {
                    write_program(&path, content);
                    let check = command! { &path, args: ["check", 7], status: success(7) };
                    check.run().expect("it is not busy");
                    std::fs::remove_file(&path).expect("it is there");
                }
            });
        }
    });
}

fn write_program(path: &Path, content: &[u8]) {
    std::fs::write(path, content).expect("a program");
    std::fs::set_permissions(path, PermissionsExt::from_mode(0o755)).expect("its mode");
}

/// A terminal stops the whole group, at any moment of a start, and continues it.
#[test]
fn stops_at_the_group() {
    let _watch = Watch::new();
    alone("stops_at_the_group", || {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
        // Where any user can execute it.
        let folder = Folder::new();
        let probe = folder.join("probe");
        write_program(&probe, &std::fs::read(PROBE).expect("the probe"));
        let terminal = Terminal::new();
        let mut commands = 0;
        while commands < at_scale(200, 2_000) {
            for index in 0..5 {
                assert_eq!(one(index).expect("it runs"), index as i32);
            }
            command! { PROBE, args: ["check", 0], handshake }
                .spawn()
                .and_then(|waiting| waiting.proceed())
                .and_then(|child| child.wait())
                .expect("it runs");
            command! { PROBE, args: ["check", 0], daemonize }.run().expect("it starts");
            if is_root() {
                command! { &probe, args: ["check", 0], uid: 1234, gid: 1234, groups: [] }.run().expect("it runs");
            }
            commands += 8;
        }
        let stops = terminal.end();
        assert!(stops > 10, "{stops} stops");
        no_children();
    });
}

/// A process that stops this group and continues it, again and again.
struct Terminal {
    pid: libc::pid_t,
    /// A letter comes for each stop.
    said: PipeReader,
}

impl Terminal {
    fn new() -> Terminal {
        let (said, says) = std::io::pipe().expect("a pipe");
        let group = std::process::id() as libc::pid_t;
        // SAFETY: the child does nothing but system calls.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
        if pid > 0 {
            return Terminal { pid, said };
        }
        let pause = libc::timespec { tv_sec: 0, tv_nsec: 2_000_000 };
        // SAFETY: takes no pointers.
        unsafe { libc::setpgid(0, 0) };
        loop {
            for signal in [libc::SIGTSTP, libc::SIGCONT] {
                // SAFETY: the group is that of the parent, which ends this process before it ends.
                unsafe { libc::kill(-group, signal) };
                // SAFETY: the time is valid.
                unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
            }
            // SAFETY: one byte.
            unsafe { libc::write(says.as_raw_fd(), c".".as_ptr().cast(), 1) };
        }
    }

    /// How many stops there were.
    fn end(mut self) -> usize {
        self.kill();
        let mut letters = String::new();
        self.said.read_to_string(&mut letters).expect("a letter for each");
        letters.len()
    }

    fn kill(&mut self) {
        // The last stop would have nobody to continue what it stops.
        // SAFETY: no code is run by it.
        unsafe { libc::signal(libc::SIGTSTP, libc::SIG_IGN) };
        // SAFETY: a child that was not waited for.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        // SAFETY: its status is not asked for.
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), 0) };
        self.pid = 0;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.pid > 0 {
            self.kill();
        }
    }
}

/// What children do with their streams, all at once in many threads: never read, never write, flood both, close them,
/// leave a process behind that holds them.
#[test]
fn children_that_misbehave() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let megabyte = vec![b'x'; 1 << 20];
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let (folder, megabyte) = (&folder, &megabyte);
            scope.spawn(move || {
                for index in 0..at_scale(10, 200) {
                    match (thread + index) % 5 {
                        0 => {
                            let deaf = command! { ACTOR, args: ["exit", 3], stdin: buffer(megabyte), status: code };
                            assert_eq!(deaf.run().expect("it runs").status(), 3);
                        }
                        1 => {
                            let silent = ["close-outputs", "sleep", "5", "exit", "4"];
                            let silent = command! { ACTOR, args: [..silent], stdout: buffer, status: code };
                            let output = silent.run().expect("it runs");
                            assert_eq!((output.stdout(), output.status()), (&b""[..], 4));
                        }
                        2 => {
                            let flood = command! { ACTOR, args: ["flood-both", 300_000], stdout: buffer, stderr: buffer };
                            let output = flood.run().expect("it runs");
                            assert_eq!((output.stdout().len(), output.stderr().len()), (300_000, 300_000));
                        }
                        3 => {
                            let deaf = command! { ACTOR, args: ["close-stdin", "stdout", "x"], stdin: buffer(megabyte), stdout: text };
                            assert_eq!(deaf.run().expect("it runs").stdout(), "x");
                        }
                        _ => {
                            let left = command! { ACTOR, args: ["leave-behind", 10_000, folder.path()], stderr: null };
                            left.run().expect("nobody waits for what is left");
                        }
                    }
                }
            });
        }
    });
}

/// What is flat in a process that starts commands for long.
#[derive(Debug, PartialEq, Eq)]
struct Size {
    descriptors: usize,
    threads: usize,
    children: String,
    mappings: usize,
    resident: usize,
}

impl Size {
    fn now() -> Size {
        let read = |path: &str| std::fs::read_to_string(path).expect("/proc is mounted");
        let status = read("/proc/self/status");
        let number = |key: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(key)).expect("a line");
            line.trim_matches(|letter: char| !letter.is_ascii_digit()).parse().expect("a number")
        };
        Size {
            descriptors: std::fs::read_dir("/proc/self/fd").expect("/proc is mounted").count(),
            threads: number("Threads:"),
            children: read("/proc/thread-self/children"),
            mappings: read("/proc/self/maps").lines().count(),
            resident: number("VmRSS:"),
        }
    }
}

#[test]
fn for_long() {
    let _watch = Watch::new();
    let commands = std::env::var("AIRTIGHT_SOAK").ok().and_then(|count| count.parse().ok());
    let commands: usize = commands.unwrap_or_else(|| at_scale(2_000, 50_000));
    alone("for_long", || {
        let file = File::open("/dev/zero").expect("a device");
        let some = |count: usize| {
            for index in 0..count {
                match index % 10 {
                    0 => drop(command! { "/nonexistent" }.run().unwrap_err()),
                    1 => drop(command! { "/bin/true", cwd: "/nonexistent" }.run().unwrap_err()),
                    2 => drop(command! { PROBE, args: ["check", 0], fds: [&file] }.run()),
                    3 => drop(command! { "/bin/true" }.background().expect("it starts").wait()),
                    4 => drop(command! { "/bin/true", stdin: pipe, stdout: pipe }.spawn().expect("it starts")),
                    5 => drop(command! { "/bin/true", handshake }.spawn().expect("it starts").proceed()),
                    6 => drop(command! { "/bin/true", daemonize }.run().expect("it starts")),
                    7 => drop(command! { "/bin/echo", args: ["x"], stdout: buffer, stderr: buffer }.run()),
                    _ => drop(command! { "/bin/true", stdio: null }.run()),
                }
            }
        };
        some(commands / 10);
        let before = Size::now();
        some(commands - commands / 10);
        let after = Size::now();
        assert_eq!(
            (after.descriptors, after.threads, &after.children, after.mappings),
            (before.descriptors, before.threads, &before.children, before.mappings),
        );
        // The allocator may keep a page more or less.
        assert!(after.resident <= before.resident + 256, "{before:?}, {after:?}: KiB that are resident");
        assert!(file.as_raw_fd() >= 0);
    });
    said("for_long", &format!("{commands} commands"));
}
