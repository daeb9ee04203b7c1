//! The commands to start while a call fails: one of each kind, with as many keys as possible, and the methods that run
//! it.

use crate::shared_text::SharedText;
use crate::state::{lasting, state};
use crate::supervisor::{Call, mark};
use airtight::fds::Fds;
use airtight::mode::Mode;
use airtight::status::Status;
use airtight::stdio::Stream;
use airtight::{Command, Error, ErrorKind, command};
use airtight_tests::{Folder, is_root};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

/// A kind of command and the method that runs it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    /// `run` of a command without descriptors: it serves the streams before exec.
    Run,
    /// `run` of a command with descriptors: it waits for exec before it serves the streams.
    RunWithDescriptors,
    Spawn,
    Daemon,
    Handshake,
    DaemonWithHandshake,
    /// `exec`, in a process of its own.
    Exec,
}

pub(crate) const KINDS: [(Kind, &str); 7] = [
    (Kind::Run, "`run`"),
    (Kind::RunWithDescriptors, "`run` with descriptors"),
    (Kind::Spawn, "`spawn`"),
    (Kind::Daemon, "a daemon"),
    (Kind::Handshake, "a handshake"),
    (Kind::DaemonWithHandshake, "a daemon with a handshake"),
    (Kind::Exec, "`exec`"),
];

/// A way to create the child, chosen by the declaration or by the refused calls.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Tier {
    Clone3,
    Clone,
    /// Without clone3, CLONE_PIDFD, pidfd_open, close_range, RWF_NOSIGNAL: before Linux 5.9, or an old container
    /// runtime.
    Old,
    /// A change of ids, through a stage.
    Stage,
    /// A change of ids, through a copy of the process.
    Copy,
    /// A closure, in a fork.
    Fork,
}

pub(crate) const TIERS: [(Tier, &str); 6] = [
    (Tier::Clone3, "clone3"),
    (Tier::Clone, "clone"),
    (Tier::Old, "old kernel"),
    (Tier::Stage, "ids, stage"),
    (Tier::Copy, "ids, copy"),
    (Tier::Fork, "fork"),
];

impl Tier {
    /// Whether this tier exists for this kind and for this user, and is not the same as another tier.
    pub(crate) fn is_of(self, kind: Kind) -> bool {
        let waits = matches!(kind, Kind::Handshake | Kind::DaemonWithHandshake);
        match self {
            // A child with a handshake is a copy made by clone.
            Tier::Clone3 => !waits,
            // `exec` creates no child: its steps are in the column of clone3, or of the copy where ids change.
            Tier::Clone => kind != Kind::Exec,
            Tier::Old | Tier::Fork => true,
            // Daemons and handshakes use no stage.
            Tier::Stage => is_root() && !waits && !matches!(kind, Kind::Daemon | Kind::Exec),
            Tier::Copy => is_root(),
        }
    }

    /// The errno with which this tier refuses a call.
    pub(crate) fn refuses(self, call: &Call) -> Option<i32> {
        let pidfd = call.operands[0] & libc::CLONE_PIDFD as u64 != 0;
        match (self, call.number) {
            (Tier::Clone | Tier::Old, libc::SYS_clone3) => Some(libc::ENOSYS),
            (Tier::Old, libc::SYS_clone) if pidfd => Some(libc::EINVAL),
            (Tier::Old, libc::SYS_pidfd_open | libc::SYS_pidfd_send_signal | libc::SYS_close_range) => {
                Some(libc::ENOSYS)
            }
            (Tier::Old, libc::SYS_pwritev2) => Some(libc::EOPNOTSUPP),
            (Tier::Copy, libc::SYS_execveat) => Some(libc::ENOSYS),
            _ => None,
        }
    }
}

/// The files that the commands refer to.
pub(crate) struct World {
    folder: Folder,
    observer: PathBuf,
    file: File,
    /// Stands in for a control group.
    group: File,
    net: Option<File>,
    /// One that this process may run on.
    cpu: u32,
}

fn own_cpu() -> u32 {
    let mut set = std::mem::MaybeUninit::<libc::cpu_set_t>::zeroed();
    // SAFETY: the kernel writes no more than the size of the set.
    assert_eq!(unsafe { libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), set.as_mut_ptr()) }, 0);
    // SAFETY: zeroes are a valid set, and the kernel has filled it.
    let set = unsafe { set.assume_init_ref() };
    // SAFETY: the number is within the set.
    let is_in = |cpu: &u32| unsafe { libc::CPU_ISSET(*cpu as usize, set) };
    (0..libc::CPU_SETSIZE as u32).find(is_in).expect("a CPU")
}

impl World {
    pub(crate) fn new() -> World {
        let folder = Folder::new();
        let observer = folder.join("observer");
        std::fs::copy(env!("CARGO_BIN_EXE_observer"), &observer).expect("a copy of the observer");
        std::fs::set_permissions(&observer, PermissionsExt::from_mode(0o755)).expect("its mode");
        std::fs::create_dir(folder.join("group")).expect("a folder");
        std::fs::write(folder.join("group/cgroup.procs"), "").expect("a file");
        let open = |path: &str| File::open(path).expect("it is there");
        let group = File::open(folder.join("group")).expect("it was made");
        let net = is_root().then(|| open("/proc/self/ns/net"));
        World { observer, file: open("/dev/zero"), group, net, cpu: own_cpu(), folder }
    }

    pub(crate) fn pidfile(&self) -> PathBuf {
        self.folder.join("x.pid")
    }

    /// The report of the last daemon.
    fn report(&self) -> PathBuf {
        self.folder.join("report")
    }
}

/// The lowest number that a command declares.
const DECLARED: RawFd = 7;

/// Occupies the numbers below this one, so that the start's own descriptors get in the way of declared numbers and have
/// to move.
fn open_below(number: RawFd) -> Vec<File> {
    let open = || File::open("/dev/zero").expect("a device");
    std::iter::repeat_with(open).take_while(|file| file.as_raw_fd() < number).collect()
}

/// Adds the keys that select this tier.
fn of_tier<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>(
    tier: Tier,
    command: Command<In, Out, Err, Exit, Held, Running>,
) -> Command<In, Out, Err, Exit, Held, Running> {
    match tier {
        Tier::Stage | Tier::Copy => {
            command! { ..command, uid: 1234, gid: 2345, groups: [3456, 4567], caps: keep(CHOWN) }
        }
        // SAFETY: the closure does nothing.
        Tier::Fork => command! { ..command, pre_exec: unsafe { || Ok(()) } },
        Tier::Clone3 | Tier::Clone | Tier::Old => command,
    }
}

/// In a supervised process: runs the command, and reports its ending and any change of this process.
pub(crate) fn perform(world: &World, kind: Kind, tier: Tier) -> String {
    let _ = std::fs::remove_file(world.report());
    if kind == Kind::Exec {
        return replaced(world, tier);
    }
    let _below = (kind == Kind::RunWithDescriptors).then(|| open_below(DECLARED));
    let before = state();
    mark();
    let outcome = run(world, kind, tier);
    mark();
    let mut said = match &outcome {
        Ok(_) => "runs\n".to_owned(),
        Err(error) => described(error),
    };
    for change in before.symmetric_difference(&state()) {
        let _ = writeln!(said, "! {change}");
    }
    // SAFETY: asks for any child, without waiting.
    if unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WALL) } != -1 {
        said.push_str("! a child is left\n");
    }
    let report = match outcome {
        Ok(Some(report)) => report,
        Ok(None) => std::fs::read(world.report()).unwrap_or_default(),
        Err(error) if error.stdout().is_empty() => std::fs::read(world.report()).unwrap_or_default(),
        Err(error) => error.stdout().to_vec(),
    };
    said + "---\n" + &lasting(&String::from_utf8_lossy(&report))
}

/// The exit code of a process that `exec` did not replace.
const NOT_REPLACED: i32 = 113;

/// Runs `exec` in a forked process, which the program replaces; each of its calls counts as a call of the child.
fn replaced(world: &World, tier: Tier) -> String {
    let report = File::create(world.report()).expect("a file");
    // Shared memory, since the fork has no spare descriptor for a message.
    let mut said = SharedText::new();
    // SAFETY: this program has one thread.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
    if pid == 0 {
        mark();
        let command = command! {
            ..base(world),
            cwd: "/usr",
            stdin: null,
            stdout: fd(&report),
            fds: [7 = &world.file],
            cgroup: fd(&world.group),
            session,
        };
        let error = of_tier(tier, command).exec();
        mark();
        said.set(&described(&error));
        // SAFETY: ends this copy of the process.
        unsafe { libc::_exit(NOT_REPLACED) }
    }
    let mut status = 0;
    // SAFETY: the status is valid.
    assert_eq!(unsafe { libc::waitpid(pid, &raw mut status, 0) }, pid);
    let not_replaced = libc::WIFEXITED(status) && libc::WEXITSTATUS(status) == NOT_REPLACED;
    if !not_replaced {
        mark();
        said.set(if status == 0 { "runs\n" } else { "ended by a signal\n" });
    }
    let report = std::fs::read(world.report()).unwrap_or_default();
    said.get().to_owned() + "---\n" + &lasting(&String::from_utf8_lossy(&report))
}

/// The keys that all commands have.
fn base(world: &World) -> Command {
    command! {
        &world.observer,
        args: ["one"],
        env: empty + { SAID = "this" },
        umask: 0o027,
        limits: [core = 0, nofile = 77],
        nice: 19,
        oom_score_adj: 500,
        cpus: [world.cpu],
        caps: clear,
        no_new_privs,
    }
}

/// The program's report; `None` if it went to the file.
fn run(world: &World, kind: Kind, tier: Tier) -> Result<Option<Vec<u8>>, Error> {
    let (report, base) = (world.report(), base(world));
    match kind {
        Kind::Run => {
            let command = command! {
                ..base,
                cwd: "/usr",
                process_group,
                pdeathsig: SIGKILL,
                timeout: Duration::from_secs(50),
                stdin: buffer("fed"),
                stdout: buffer,
            };
            of_tier(tier, command).run().map(|output| Some(output.into_stdout()))
        }
        Kind::RunWithDescriptors => {
            let command = command! {
                ..base,
                cwd: fd(&world.group),
                fds: [7 = &world.file, 0x30 = &world.file, data = data(b"data")],
                cgroup: fd(&world.group),
                session,
                stdin: buffer([b'x'; 100_000]),
                stdout: buffer,
                stderr: buffer,
            };
            let output = match &world.net {
                Some(net) => of_tier(tier, command! { ..command, netns: fd(net) }).run(),
                None => of_tier(tier, command).run(),
            };
            output.map(|output| Some(output.into_stdout()))
        }
        Kind::Spawn => {
            let command = command! {
                ..base,
                session(terminal),
                selinux: "a:label",
                sched_core: new,
                stdin: pipe,
                stdout: pipe,
            };
            let mut child = of_tier(tier, command).spawn()?;
            let mut report = Vec::new();
            mark();
            let _ = child.take_stdin().map(|mut stdin| stdin.write_all(b"fed"));
            child.take_stdout().map(|mut stdout| stdout.read_to_end(&mut report));
            mark();
            child.wait()?;
            Ok(Some(report))
        }
        Kind::Daemon => {
            let command = command! { ..base, daemonize, pidfile: world.pidfile(), stdout: file(&report), stderr: pipe };
            let daemon = of_tier(tier, command).run()?;
            mark();
            outlived(world, daemon.id());
            mark();
            Ok(None)
        }
        Kind::Handshake => {
            let command = command! { ..base, cwd: "/usr", stdout: file(&report), stderr: pipe, handshake };
            of_tier(tier, command).spawn()?.proceed()?.wait()?;
            Ok(None)
        }
        Kind::DaemonWithHandshake => {
            let command = command! {
                ..base,
                daemonize,
                pidfile: world.pidfile(),
                stdout: file(&report),
                handshake,
            };
            let daemon = of_tier(tier, command).spawn()?.proceed()?;
            mark();
            outlived(world, daemon.id());
            mark();
            Ok(None)
        }
        Kind::Exec => unreachable!("it would not come back"),
    }
}

/// Waits for the end of the daemon that the pidfile names.
fn outlived(world: &World, pid: u32) {
    let text = std::fs::read_to_string(world.pidfile()).expect("the pidfile");
    assert_eq!(text, format!("{pid}\n"));
    let begun = Instant::now();
    // SAFETY: asks whether the process is there: the supervisor reaps it.
    while unsafe { libc::kill(pid as i32, 0) } == 0 {
        assert!(begun.elapsed() < Duration::from_secs(20), "the daemon runs on");
        std::thread::sleep(Duration::from_micros(200));
    }
    std::fs::remove_file(world.pidfile()).expect("the pidfile");
}

fn described(error: &Error) -> String {
    match error.kind() {
        ErrorKind::Start { step, source, .. } => {
            format!("{step:?} {}\n", source.raw_os_error().map_or_else(|| source.to_string(), errno_name))
        }
        ErrorKind::Stream { stream, source, .. } => {
            format!("Stream {} of {stream}\n", source.raw_os_error().map_or_else(|| source.to_string(), errno_name))
        }
        ErrorKind::LostStatus => "LostStatus\n".to_owned(),
        _ => format!("{error}\n"),
    }
}

/// The name of an errno, as in errno(3).
pub(crate) fn errno_name(errno: i32) -> String {
    let name = nix::errno::Errno::from_raw(errno);
    format!("{name:?}")
}
