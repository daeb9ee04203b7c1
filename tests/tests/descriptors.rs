//! Random descriptor maps on every tier: the descriptors of the child are compared with a model.

use airtight::fds::Borrowing;
use airtight::mode::Mode;
use airtight::status::Status;
use airtight::stdio::{Alongside, Stream, Unattended};
use airtight::{Command, command};
use airtight_tests::{
    Folder, Operand, Random, Refused, Watch, alone, at_scale, is_root, proc, proc_is_hidden, refuse, said, skipped,
};
use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

/// The highest descriptor number that this process may use.
const LIMIT: RawFd = 255;

macro_rules! targets {
    ($($number:literal)*) => {
        /// The numbers that a declaration uses: low ones, some in between, those at the limit.
        const TARGETS: &[RawFd] = &[$($number),*];

        fn pass_at<'fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Running: Mode>(
            command: Command<In, Out, Err, Exit, Borrowing<'fd>, Running>,
            number: RawFd,
            fd: BorrowedFd<'fd>,
        ) -> Command<In, Out, Err, Exit, Borrowing<'fd>, Running> {
            match number {
                $($number => command! { ..command, fds: [$number = fd] },)*
                other => panic!("{other} is not in the list"),
            }
        }
    };
}

targets! { 3 4 5 6 7 8 9 10 11 12 20 63 64 65 127 128 200 253 254 255 }

/// A way to create a child.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Tier {
    Clone3,
    Clone,
    Old,
    Ids,
    Fork,
}

const fn refused(call: i64) -> Refused {
    Refused { call, operand: None, errno: libc::ENOSYS }
}

const NO_PIDFD: Refused =
    Refused { call: libc::SYS_clone, operand: Some(Operand::Has(0, libc::CLONE_PIDFD as u32)), errno: libc::EINVAL };

impl Tier {
    fn refuses(self) -> &'static [Refused] {
        match self {
            Tier::Clone3 | Tier::Ids | Tier::Fork => &[],
            Tier::Clone => const { &[refused(libc::SYS_clone3)] },
            Tier::Old => {
                const {
                    &[
                        refused(libc::SYS_clone3),
                        NO_PIDFD,
                        refused(libc::SYS_pidfd_open),
                        refused(libc::SYS_close_range),
                    ]
                }
            }
        }
    }
}

/// Device and inode.
type Inode = (u64, u64);

fn file_of(fd: RawFd) -> Inode {
    let file = std::fs::metadata(proc(format_args!("self/fd/{fd}"))).expect("it is open");
    (file.dev(), file.ino())
}

/// Descriptors that this process has open in one case, at random numbers; closed at the end of the case.
struct Open {
    files: Vec<OwnedFd>,
}

impl Open {
    /// Files of their own at `count` unused numbers.
    fn new(random: &mut Random, count: usize) -> Open {
        let mut files = Vec::new();
        while files.len() < count {
            // Most of them at numbers that are also targets: these make cycles.
            let number = if random.once_in(4) { random.below(LIMIT as usize) as RawFd } else { *random.pick(TARGETS) };
            // SAFETY: a query without pointers.
            if number < 3 || unsafe { libc::fcntl(number, libc::F_GETFD) } >= 0 {
                continue;
            }
            let file = memory();
            // Half of them without close-on-exec.
            let flags = if random.once_in(2) { libc::O_CLOEXEC } else { 0 };
            if file.as_raw_fd() == number {
                files.push(file);
                continue;
            }
            // SAFETY: nothing has this number.
            let moved = unsafe { libc::dup3(file.as_raw_fd(), number, flags) };
            assert_eq!(moved, number, "{}", std::io::Error::last_os_error());
            // SAFETY: just opened.
            files.push(unsafe { OwnedFd::from_raw_fd(moved) });
        }
        Open { files }
    }
}

/// A memfd, which has an inode of its own, above the streams.
fn memory() -> OwnedFd {
    // SAFETY: the name is a C string.
    let fd = unsafe { libc::memfd_create(c"case".as_ptr(), libc::MFD_CLOEXEC) };
    assert!(fd >= 0, "{}", std::io::Error::last_os_error());
    // SAFETY: just opened.
    let file = unsafe { OwnedFd::from_raw_fd(fd) };
    // SAFETY: any number from 3 up.
    let moved = unsafe { libc::fcntl(file.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 3) };
    assert!(moved >= 3, "{}", std::io::Error::last_os_error());
    // SAFETY: just opened.
    unsafe { OwnedFd::from_raw_fd(moved) }
}

/// The source of a stream.
#[derive(Clone, Copy, Debug)]
enum Wanted {
    Null,
    Inherit,
    Fd(usize),
}

impl Wanted {
    fn draw(random: &mut Random, files: usize) -> Wanted {
        match random.below(4) {
            0 => Wanted::Null,
            1 => Wanted::Inherit,
            _ => Wanted::Fd(random.below(files)),
        }
    }

    fn file(self, number: RawFd, open: &Open, null: Inode) -> Inode {
        match self {
            Wanted::Null => null,
            // SAFETY: a query without pointers.
            Wanted::Inherit if unsafe { libc::fcntl(number, libc::F_GETFD) } < 0 => null,
            Wanted::Inherit => file_of(number),
            Wanted::Fd(index) => file_of(open.files[index].as_raw_fd()),
        }
    }
}

macro_rules! with_stream {
    ($command:expr, $key:ident, $wanted:expr, $open:expr, $then:ident ( $($more:tt)* )) => {
        match $wanted {
            Wanted::Null => $then(command! { ..$command, $key: null }, $($more)*),
            Wanted::Inherit => $then(command! { ..$command, $key: inherit }, $($more)*),
            Wanted::Fd(index) => $then(command! { ..$command, $key: fd(&$open.files[index]) }, $($more)*),
        }
    };
}

/// A way to start a program. All share the schedule of descriptor moves; the descriptors kept besides differ.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Plain,
    Handshake,
    Daemon,
    DaemonWithHandshake,
}

impl Kind {
    fn draw(random: &mut Random) -> Kind {
        match random.below(8) {
            0 => Kind::Handshake,
            1 => Kind::Daemon,
            2 => Kind::DaemonWithHandshake,
            _ => Kind::Plain,
        }
    }
}

/// A case: open descriptors, a declaration, and the expected result.
struct Case<'c> {
    tier: Tier,
    kind: Kind,
    open: &'c Open,
    streams: [Wanted; 3],
    /// Number in the child, index of the file.
    given: Vec<(RawFd, usize)>,
    /// Passed at its number in the parent.
    same: Option<usize>,
    directory: Option<&'c File>,
}

/// A stream of a kind that every method accepts, since nothing serves it.
trait Own: Alongside + Unattended {}
impl<Kind: Alongside + Unattended> Own for Kind {}

fn run_case(case: &Case<'_>, probe: &Path, report: &OwnedFd) -> Result<(), airtight::Error> {
    let base = command! { probe, args: ["table", report.as_raw_fd()], fds: [report] };
    with_stream!(base, stdin, case.streams[0], case.open, with_stdin(case))
}

fn with_stdin<'fd, In: Own>(
    command: Command<In, airtight::stdio::Unset, airtight::stdio::Unset, airtight::status::Success, Borrowing<'fd>>,
    case: &Case<'fd>,
) -> Result<(), airtight::Error> {
    with_stream!(command, stdout, case.streams[1], case.open, with_stdout(case))
}

fn with_stdout<'fd, In: Own, Out: Own>(
    command: Command<In, Out, airtight::stdio::Unset, airtight::status::Success, Borrowing<'fd>>,
    case: &Case<'fd>,
) -> Result<(), airtight::Error> {
    with_stream!(command, stderr, case.streams[2], case.open, with_stderr(case))
}

fn with_stderr<'fd, In: Own, Out: Own, Err: Own>(
    mut command: Command<In, Out, Err, airtight::status::Success, Borrowing<'fd>>,
    case: &Case<'fd>,
) -> Result<(), airtight::Error> {
    use std::os::fd::AsFd;
    for (number, index) in &case.given {
        command = pass_at(command, *number, case.open.files[*index].as_fd());
    }
    if let Some(index) = case.same {
        command = command! { ..command, fds: [&case.open.files[index]] };
    }
    if let Some(directory) = case.directory {
        command = command! { ..command, cwd: fd(directory) };
    }
    command = match case.tier {
        Tier::Ids => command! { ..command, uid: 1234, gid: 1234, groups: [1234] },
        // SAFETY: the closure does nothing.
        Tier::Fork => command! { ..command, pre_exec: unsafe { || Ok(()) } },
        Tier::Clone3 | Tier::Clone | Tier::Old => command,
    };
    match case.kind {
        Kind::Plain => command.spawn()?.wait(),
        Kind::Handshake => command! { ..command, handshake }.spawn()?.proceed()?.wait(),
        Kind::Daemon => {
            ended(command! { ..command, daemonize }.run()?.id());
            Ok(())
        }
        Kind::DaemonWithHandshake => {
            ended(command! { ..command, daemonize, handshake }.spawn()?.proceed()?.id());
            Ok(())
        }
    }
}

/// Waits for a daemon, which this process adopts as a subreaper.
fn ended(pid: u32) {
    let mut status = -1;
    // SAFETY: the status is valid.
    let waited = unsafe { libc::waitpid(pid as i32, &raw mut status, libc::__WALL) };
    assert_eq!((waited, status), (pid as i32, 0), "{}", std::io::Error::last_os_error());
}

/// Parses the table that the child reported.
fn read_back(report: &OwnedFd) -> BTreeMap<RawFd, Inode> {
    let mut text = String::new();
    let path = proc(format_args!("self/fd/{}", report.as_raw_fd()));
    std::io::Read::read_to_string(&mut File::open(path).expect("the report"), &mut text).expect("text");
    let line = |line: &str| {
        let mut words = line.split(' ').map(|word| word.parse::<u64>().expect("a number"));
        let mut next = || words.next().expect("three numbers");
        (next() as RawFd, (next(), next()))
    };
    text.lines().map(line).collect()
}

fn one(random: &mut Random, tier: Tier, probe: &Path, directory: &File, null: Inode) {
    let count = 2 + random.below(8);
    let open = Open::new(random, count);
    let report = memory();
    let has_report = |number: RawFd| number == report.as_raw_fd();
    let streams = [(); 3].map(|()| Wanted::draw(random, count));
    let mut given: Vec<(RawFd, usize)> = Vec::new();
    for _ in 0..random.below(7) {
        let number = *random.pick(TARGETS);
        if !has_report(number) && !given.iter().any(|(other, _)| *other == number) {
            given.push((number, random.below(count)));
        }
    }
    let same = Some(random.below(count)).filter(|index| {
        let number = open.files[*index].as_raw_fd();
        random.once_in(3) && !given.iter().any(|(other, _)| *other == number)
    });
    let mut expected: BTreeMap<RawFd, Inode> = BTreeMap::new();
    for (number, wanted) in (0..).zip(streams) {
        expected.insert(number, wanted.file(number, &open, null));
    }
    for (number, index) in &given {
        expected.insert(*number, file_of(open.files[*index].as_raw_fd()));
    }
    for fd in same.map(|index| open.files[index].as_raw_fd()).into_iter().chain([report.as_raw_fd()]) {
        expected.insert(fd, file_of(fd));
    }
    let kind = Kind::draw(random);
    // A daemon runs in `/`.
    let may_have_one = matches!(kind, Kind::Plain | Kind::Handshake);
    let directory = (may_have_one && random.once_in(4)).then_some(directory);
    let case = Case { tier, kind, open: &open, streams, given, same, directory };
    let told = || {
        format!("{tier:?}, {kind:?}, {:?}, {:?}, same {:?}, open {:?}", case.streams, case.given, case.same, open.files)
    };
    run_case(&case, probe, &report).unwrap_or_else(|error| panic!("{error}: {}", told()));
    assert_eq!(read_back(&report), expected, "{}", told());
}

/// Runs this many cases, some with closed standard streams.
fn cases(test: &str, tier: Tier, seed: u64) {
    let _watch = Watch::new();
    if tier == Tier::Ids && !is_root() {
        return skipped(test, "it changes ids: needs root");
    }
    // Without close_range and /proc, its children close every number up to 2²⁰.
    let counts = tier == Tier::Old && proc_is_hidden();
    let count = at_scale(400, 20_000) / if counts { 20 } else { 1 };
    alone(test, || {
        let limit = libc::rlimit { rlim_cur: LIMIT as u64 + 1, rlim_max: LIMIT as u64 + 1 };
        // SAFETY: the structure is valid.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) }, 0);
        refuse(tier.refuses());
        let folder = Folder::new();
        let probe: PathBuf = folder.join("probe");
        std::fs::copy(PROBE, &probe).expect("a copy of the probe");
        std::fs::set_permissions(&probe, PermissionsExt::from_mode(0o755)).expect("its mode");
        let directory = File::open("/usr").expect("a directory");
        let null = std::fs::metadata("/dev/null").expect("the device");
        let null = (null.dev(), null.ino());
        let mut random = Random::new(seed);
        for case in 0..count {
            // Streams 0 and 1 belong to this test; 2 shows its failures.
            let closed = [0, 1].map(|fd| (case % 10 < 3 && random.once_in(2)).then(|| set_aside(fd)));
            one(&mut random, tier, &probe, &directory, null);
            for (fd, kept) in (0..).zip(closed) {
                kept.into_iter().for_each(|kept| put_back(kept, fd));
            }
        }
    });
    said(test, &format!("{count} maps of descriptors"));
}

/// Closes a stream of this process; returns a duplicate, above the numbers of the cases.
fn set_aside(fd: RawFd) -> RawFd {
    // SAFETY: nothing is read from or written to it until it is put back.
    let kept = unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 230) };
    // SAFETY: as above.
    unsafe { libc::close(fd) };
    kept
}

fn put_back(kept: RawFd, fd: RawFd) {
    // SAFETY: the number was free since it was set aside.
    unsafe { libc::dup2(kept, fd) };
    // SAFETY: kept by `set_aside`.
    unsafe { libc::close(kept) };
}

macro_rules! tiers {
    ($($test:ident $tier:ident $seed:literal;)*) => {$(
        #[test]
        fn $test() {
            cases(stringify!($test), Tier::$tier, $seed);
        }
    )*};
}

tiers! {
    shared_memory Clone3 1;
    shared_memory_by_the_older_call Clone 2;
    an_old_kernel Old 3;
    other_ids Ids 4;
    a_closure Fork 5;
}
