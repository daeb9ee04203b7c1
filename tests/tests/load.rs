//! Many concurrent commands, while other threads interfere with them in every way that they can.

use airtight::{ErrorKind, command};
use airtight_tests::{Folder, Operand, Refused, Watch, alone, at_scale, no_children, proc, refuse, said};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

const PROBE: &str = env!("CARGO_BIN_EXE_probe");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");
const THREADS: usize = 32;

/// An interference that a thread repeats until the flag is set.
type Disturbance = fn(&AtomicBool);

fn disturb(stop: &AtomicBool, mut once: impl FnMut(), pause: Duration) {
    while !stop.load(Ordering::Relaxed) {
        once();
        std::thread::sleep(pause);
    }
}

/// Opens descriptors without close-on-exec, at low and at high numbers.
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

/// Sends signals with a handler to this process and to its threads.
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

/// Waits for any child (waitpid -1), as a careless supervisor does.
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

/// Runs the `index`-th command of a thread and returns its status. The way to run it depends on the index.
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

/// Runs `commands` commands in [`THREADS`] threads, beside the interfering ones. Returns how many statuses another
/// waiter took.
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

/// Whether this kernel keeps the status of a reaped process for its pidfd (Linux 6.15).
fn remembers() -> bool {
    let release = std::fs::read_to_string(proc("sys/kernel/osrelease")).expect("/proc is mounted");
    let mut numbers = release.split(['.', '-']).map(|part| part.trim().parse().unwrap_or(0));
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= (6, 15)
}

#[test]
fn a_thief_of_statuses() {
    let _watch = Watch::new();
    alone("a_thief_of_statuses", || {
        let commands = at_scale(1_000, 10_000);
        let lost = at_once(commands, &[steals]);
        // A lost status is reported as lost; none is wrong.
        assert!(lost == 0 || !remembers(), "{lost} of {commands} are lost");
        no_children();
    });
}

/// Runs commands where the kernel keeps no zombies, so that at most a pidfd has the status.
fn without_statuses(test: &str, flags: i32, handler: libc::sighandler_t, pidfds_remember: bool) {
    let _watch = Watch::new();
    alone(test, || {
        let mut action = std::mem::MaybeUninit::<libc::sigaction>::zeroed();
        // SAFETY: zeroes are a valid action, and nothing else refers to it.
        let filled = unsafe { action.assume_init_mut() };
        (filled.sa_sigaction, filled.sa_flags) = (handler, flags);
        // SAFETY: this action runs no code.
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

/// Each thread writes a program and runs it at once, while the others start theirs. A child that unshares its
/// descriptor table briefly holds copies of the low descriptors, so exec may fail with ETXTBSY.
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

/// Misbehaving children, concurrently in many threads: they never read, never write, flood both outputs, close them, or
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
                            let flood = command! {
                                ACTOR,
                                args: ["flood-both", 300_000],
                                stdout: buffer,
                                stderr: buffer,
                            };
                            let output = flood.run().expect("it runs");
                            assert_eq!((output.stdout().len(), output.stderr().len()), (300_000, 300_000));
                        }
                        3 => {
                            let deaf = command! {
                                ACTOR,
                                args: ["close-stdin", "stdout", "x"],
                                stdin: buffer(megabyte),
                                stdout: text,
                            };
                            assert_eq!(deaf.run().expect("it runs").stdout(), "x");
                        }
                        _ => {
                            let left = command! { ACTOR, args: ["leave-behind", 10_000, folder.path()], stderr: null };
                            left.run().expect("the leftover does not delay it");
                        }
                    }
                }
            });
        }
    });
}
