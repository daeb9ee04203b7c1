//! A command with a timeout `t` and a grace `g` returns within `t + g` and 1.1 s: for each behaviour of the program and
//! its leftovers, each method, each kind of stream, as root and as an ordinary user. The results are the table in
//! `runtime/docs/endings.md`. To write it anew, run as root with `AIRTIGHT_BLESS=1` and `AIRTIGHT_LOAD=full`.

#[path = "endings/page.rs"]
mod page;

use airtight::{Command, Error, command};
use airtight_tests::{
    Lingering, Watch, at_scale, become_nobody, gone, is_reaped, is_root, said, skipped, soon, this_program,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

const LINGERER: &str = env!("CARGO_BIN_EXE_lingerer");
/// The number of commands that run concurrently: they sleep most of the time.
const AT_ONCE: usize = 24;
/// The allowance beyond the timeout and the grace.
const MORE: Duration = Duration::from_millis(1_100);
const GRACE: Duration = Duration::from_millis(200);

/// The behaviours of a program: a name, and the lingerer's actions. `READY` stands for the file that marks it ready;
/// `GO 60000` goes on until the test is over.
const PROGRAMS: [(&str, &str); 13] = [
    ("ends", ""),
    ("ends, leaves a silent process", "LEAVES silent"),
    ("ends, leaves one that writes now and then", "LEAVES chatty"),
    ("ends, leaves one that floods", "LEAVES flood"),
    ("ends, leaves one of another user", "LEAVES other"),
    ("goes on", "STAYS silent"),
    ("goes on, leaves a silent process", "LEAVES silent STAYS silent"),
    ("goes on, leaves one that floods", "LEAVES flood STAYS silent"),
    ("writes now and then", "STAYS chatty"),
    ("ignores SIGTERM", "IGNORES STAYS silent"),
    ("is stopped", "STOPS STAYS silent"),
    ("is frozen", "FREEZES STAYS silent"),
    ("is of another user", "BECOMES STAYS silent"),
];
const FROZEN: usize = 11;
const OF_ANOTHER_USER: usize = 12;

const WAYS: [&str; 8] = [
    "`run`",
    "`background`, `wait`",
    "`background`, awaited",
    "`spawn`, `wait`",
    "`spawn`, dropped",
    "`background`, dropped",
    "`background`, `abort`",
    "a callback of stdout fails",
];
const STREAMS: [&str; 6] = ["log", "text", "lines", "null", "file", "FIFO"];

/// A combination of a behaviour, a method and a kind of stream, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    way: usize,
    program: usize,
    stream: usize,
}

impl Place {
    fn all() -> impl Iterator<Item = Place> {
        let programs = |way| (0..PROGRAMS.len()).map(move |program| (way, program));
        let streams = |(way, program)| (0..STREAMS.len()).map(move |stream| Place { way, program, stream });
        (0..WAYS.len()).flat_map(programs).flat_map(streams).filter(Place::can_be_declared)
    }

    /// `spawn` serves no streams.
    fn can_be_declared(&self) -> bool {
        !matches!(self.way, 3 | 4) || self.stream >= 3
    }

    fn goes_on(&self) -> bool {
        PROGRAMS[self.program].1.contains("STAYS")
    }

    fn is_fifo(&self) -> bool {
        self.stream == 5
    }

    /// Short enough to pass while the program runs; or so long that it does not, where something else ends the command.
    /// A setuid program first needs time to change its user.
    fn timeout(&self) -> Duration {
        match self.way {
            _ if self.is_fifo() => Duration::from_millis(200),
            0..=3 if self.program == OF_ANOTHER_USER => Duration::from_millis(1_000),
            0..=3 if self.goes_on() => Duration::from_millis(200),
            _ => Duration::from_secs(30),
        }
    }

    /// The time within which it must return.
    fn bound(&self) -> Duration {
        let timeout = self.timeout();
        if timeout > Duration::from_secs(10) { MORE } else { timeout + GRACE + MORE }
    }
}

/// One combination under test.
struct Trial<'l> {
    place: Place,
    lingering: &'l Lingering,
    cgroup: Option<PathBuf>,
}

impl Trial<'_> {
    /// A path that only this trial uses.
    fn path(&self, what: &str) -> PathBuf {
        let Place { way, program, stream } = self.place;
        self.lingering.join(&format!("{way}-{program}-{stream}-{what}"))
    }

    fn words(&self) -> Vec<String> {
        let path = |what: &str| self.path(what).display().to_string();
        let (mut words, mut actions) = (Vec::new(), PROGRAMS[self.place.program].1.split(' '));
        let mut add = |more: &[&str]| words.extend(more.iter().map(|word| (*word).to_owned()));
        while let Some(action) = actions.next() {
            match action {
                // A leftover that writes at all has written before the program goes on.
                "LEAVES" => {
                    let of_root = self.lingering.of_root().display().to_string();
                    match actions.next().unwrap_or_default() {
                        "other" => {
                            let (there, go_on) = (path("there"), path("go-on"));
                            let another = ["become-root", "say-pid", &there, "silent", "60000", &go_on];
                            add(&["start", "exec", &of_root]);
                            add(&another);
                        }
                        how => add(&["start", how, "0", "/", "say-pid", &path("there"), how, "60000", &path("go-on")]),
                    }
                    add(&["done", "await", &path("there")]);
                }
                "IGNORES" => add(&["ignore-sigterm"]),
                "BECOMES" => add(&["become-root"]),
                "STOPS" => add(&["line", "x", "say-pid", &path("ready"), "stop"]),
                "FREEZES" => {
                    let group = self.cgroup.as_ref().map(|group| group.display().to_string()).unwrap_or_default();
                    add(&["line", "x", "say-pid", &path("ready"), "freeze", &group]);
                }
                "STAYS" => add(&[
                    "line",
                    "x",
                    "say-pid",
                    &path("ready"),
                    actions.next().unwrap_or_default(),
                    "60000",
                    &path("go-on"),
                ]),
                _ => {}
            }
        }
        if !self.place.goes_on() {
            add(&["line", "x", "say-pid", &path("ready")]);
        }
        words
    }

    fn command(&self) -> Command {
        let of_root = self.place.program == OF_ANOTHER_USER;
        let program = if of_root { self.lingering.of_root() } else { self.lingering.program() };
        let timeout = self.place.timeout();
        command! { program, args: [..verbatim(self.words())], timeout: after(timeout, grace = GRACE) }
    }

    /// Waits until the program is in the named state, but no longer than a program that ends takes to end.
    fn is_there(&self, pid: u32) {
        if self.place.goes_on() {
            soon("the program says so", || self.path("ready").exists());
        } else {
            gone(pid);
        }
    }

    /// Runs the combination; returns the ending, and the time that the wait for it took.
    fn perform(&self) -> (String, Duration) {
        for what in ["go-on", "file"] {
            std::fs::write(self.path(what), "").expect("a file");
        }
        let (file, fifo) = (self.path("file"), self.path("fifo"));
        let name = std::ffi::CString::new(fifo.as_os_str().as_encoded_bytes()).expect("no NUL");
        // SAFETY: a C string.
        assert_eq!(unsafe { libc::mkfifo(name.as_ptr(), 0o600) }, 0);
        self.cgroup.iter().for_each(|group| std::fs::create_dir(group).expect("a control group"));
        let (begun, mut took) = (Instant::now(), None);
        let fails = |_: &str| Err::<(), _>("enough");
        // A combination is declared by its stream; the methods are the same for all streams.
        macro_rules! served {
            ($($keys:tt)*) => {{
                let command = command! { ..self.command(), $($keys)* };
                match self.place.way {
                    0 | 7 => ended(command.run()),
                    1 => ended(command.background().and_then(|background| background.wait())),
                    2 => ended(command.background().and_then(block_on)),
                    _ => match command.background() {
                        Err(error) => name_of(&error),
                        Ok(background) => {
                            let pid = background.id();
                            self.is_there(pid);
                            let begun = Instant::now();
                            if self.place.way == 6 { background.abort() } else { drop(background) }
                            took = Some(begun.elapsed());
                            left(pid)
                        }
                    },
                }
            }};
        }
        macro_rules! alongside {
            ($($keys:tt)*) => {{
                match command! { ..self.command(), $($keys)* }.spawn() {
                    Err(error) => name_of(&error),
                    Ok(child) if self.place.way == 3 => ended(child.wait()),
                    Ok(child) => {
                        let pid = child.id();
                        self.is_there(pid);
                        let begun = Instant::now();
                        drop(child);
                        took = Some(begun.elapsed());
                        left(pid)
                    }
                }
            }};
        }
        let outcome = match (self.place.way, STREAMS[self.place.stream]) {
            (7, "log") => served!(stdout: lines(fails)),
            (7, "text") => served!(stdout: lines(fails), stderr: text(max = 4_096)),
            (7, "lines") => served!(stdout: lines(fails), stderr: lines(|_: &str| {})),
            (7, "null") => served!(stdout: lines(fails), stderr: null),
            (7, "file") => served!(stdout: lines(fails), stderr: file(&file)),
            (7, _) => served!(stdout: lines(fails), stdin: file(&fifo)),
            (3 | 4, "null") => alongside!(stdio: null),
            (3 | 4, "file") => alongside!(stdout: file(&file)),
            (3 | 4, _) => alongside!(stdin: file(&fifo)),
            (_, "log") => served!(stdout: log),
            (_, "text") => served!(stdout: text(max = 4_096)),
            (_, "lines") => served!(stdout: lines(|_: &str| {})),
            (_, "null") => served!(stdio: null),
            (_, "file") => served!(stdout: file(&file)),
            _ => served!(stdin: file(&fifo)),
        };
        let took = took.unwrap_or_else(|| begun.elapsed());
        let _ = std::fs::remove_file(self.path("go-on"));
        if let Some(group) = &self.cgroup {
            soon("the control group is empty", || std::fs::remove_dir(group).is_ok());
        }
        (outcome, took)
    }
}

fn ended<T>(result: Result<T, Error>) -> String {
    result.map_or_else(|error| name_of(&error), |_| "ok".to_owned())
}

/// The name of the error's kind.
fn name_of(error: &Error) -> String {
    let kind = format!("{:?}", error.kind());
    kind.chars().take_while(|letter| letter.is_alphanumeric()).collect()
}

/// The state of a dropped program, with time for a loaded machine.
fn left(pid: u32) -> String {
    let begun = Instant::now();
    while !is_reaped(pid) {
        if begun.elapsed() > Duration::from_secs(1) {
            return "still runs".to_owned();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    "reaped".to_owned()
}

fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(std::thread::Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let (mut future, mut context) = (pin!(future), Context::from_waker(&waker));
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// A folder in which this process can create freezable control groups, if there is one.
fn cgroups() -> Option<PathBuf> {
    let mounts = std::fs::read_to_string("/proc/self/mounts").ok()?;
    let mounted = mounts.lines().find(|line| line.split(' ').nth(2) == Some("cgroup2"))?.split(' ').nth(1)?;
    let probe = PathBuf::from(mounted).join(format!("airtight-test-{}", std::process::id()));
    std::fs::create_dir(&probe).ok()?;
    let freezes = probe.join("cgroup.freeze").exists();
    std::fs::remove_dir(&probe).ok()?;
    freezes.then_some(probe)
}

/// Tries the combinations that are possible here, or a part of them; returns the ending of each.
fn tried(lingering: &Lingering, can_be_another: bool) -> BTreeMap<Place, String> {
    let cgroups = cgroups();
    let places: Vec<_> = Place::all()
        .filter(|place| place.program != FROZEN || cgroups.is_some())
        .filter(|place| can_be_another || !PROGRAMS[place.program].0.contains("another user"))
        .enumerate()
        .filter(|(nth, _)| nth % at_scale(4, 1) == 0)
        .map(|(_, place)| place)
        .collect();
    let (next, cells, late) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                let _watch = Watch::of_children();
                while let Some(place) = places.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let of_trial = |base: &PathBuf| {
                        let Place { way, program, stream } = place;
                        base.with_extension(format!("{way}-{program}-{stream}"))
                    };
                    let cgroup = cgroups.as_ref().filter(|_| place.program == FROZEN).map(of_trial);
                    let (outcome, took) = Trial { place: *place, lingering, cgroup }.perform();
                    // A loaded machine is slower.
                    let most =
                        place.bound() * at_scale(3, 1) as u32 + Duration::from_millis(at_scale(2_000, 500) as u64);
                    if took > most {
                        late.lock().expect("no panic").push(format!("{place:?}: {outcome} after {took:?}"));
                    }
                    cells.lock().expect("no panic").insert(*place, outcome);
                }
            });
        }
    });
    let late = late.into_inner().expect("no panic");
    assert!(late.is_empty(), "{} of {}:\n{}", late.len(), places.len(), late.join("\n"));
    cells.into_inner().expect("no panic")
}

const OF_NOBODY: &str = "AIRTIGHT_TEST_ENDINGS_OF_NOBODY";

/// A part of the other test: the endings that an ordinary user sees, in a process that has become one.
#[test]
fn as_nobody() {
    if std::env::var_os(OF_NOBODY).is_none() {
        return;
    }
    let Some(lingering) = Lingering::for_nobody(LINGERER) else {
        return skipped("endings", "the file system has no setuid bits");
    };
    become_nobody();
    for (Place { way, program, stream }, outcome) in tried(&lingering, true) {
        println!("\ncell {way} {program} {stream} {outcome}");
    }
}

#[test]
fn each_is_back_within_its_bound() {
    if !is_root() {
        said("endings", "only as an ordinary user, and without programs of another user");
        return page::compare(&tried(&Lingering::new(LINGERER), false), &BTreeMap::new(), 1);
    }
    let nobody = std::thread::spawn(|| {
        let mut again = std::process::Command::new(this_program());
        again.args(["--exact", "as_nobody", "--nocapture", "--test-threads=1"]).env(OF_NOBODY, "1").output()
    });
    let lingering = Lingering::new(LINGERER);
    std::fs::copy(LINGERER, lingering.of_root()).expect("a copy");
    let of_root = tried(&lingering, true);
    let output = nobody.join().expect("it does not panic").expect("this binary runs again");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    let cells = text.lines().filter_map(|line| {
        let words: Vec<_> = line.strip_prefix("cell ")?.splitn(4, ' ').collect();
        let [way, program, stream] = [0, 1, 2].map(|nth| words[nth].parse().expect("a number"));
        Some((Place { way, program, stream }, words[3].to_owned()))
    });
    let of_nobody: BTreeMap<_, _> = cells.collect();
    println!("{} combinations as root, {} as nobody", of_root.len(), of_nobody.len());
    page::compare(&of_root, &of_nobody, 0);
}
