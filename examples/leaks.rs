//! State of the parent that leaks into a child: the same programs started by `std::process::Command` and by `command!`,
//! in a parent with open descriptors, a polluted environ and unusual signal settings.

use airtight::command;
use std::error::Error;
use std::fs::File;
use std::os::fd::AsRawFd;
use std::process::Command;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    spoil_this_process()?;
    let (by_std, by_airtight) = (Seen::by_std()?, Seen::by_airtight()?);
    println!("{:<36}{:<26}{:<26}", "state of the child", "std::process::Command", "command!");
    let row = |what: &str, std: String, airtight: String| println!("{what:<36}{std:<26}{airtight:<26}");
    row("descriptors besides 0, 1 and 2", count(by_std.descriptors), count(by_airtight.descriptors));
    row("GIT_DIR, IFS, LD_DEBUG_OUTPUT", by_std.variables(), by_airtight.variables());
    row("DATABASE_PASSWORD", by_std.password(), by_airtight.password());
    row("LC_ALL", by_std.locale(), by_airtight.locale());
    row("signals ignored", names(by_std.ignored), names(by_airtight.ignored));
    row("signals blocked", names(by_std.blocked), names(by_airtight.blocked));
    match by_airtight.is_clean() {
        true => Ok(()),
        false => Err("something leaked".into()),
    }
}

/// Gives this process the state of a long-running daemon with careless libraries.
fn spoil_this_process() -> Result<()> {
    let secret = File::open("/etc/passwd")?;
    for _ in 0..100 {
        // SAFETY: new descriptors, left open on purpose until this process exits.
        if unsafe { libc::dup(secret.as_raw_fd()) } == -1 {
            return Err(std::io::Error::last_os_error().into());
        }
    }
    for (name, value) in [
        ("GIT_DIR", "/tmp/elsewhere"),
        ("IFS", "x"),
        ("LD_DEBUG_OUTPUT", "/tmp/ld"),
        ("DATABASE_PASSWORD", "hunter2"),
        ("LC_ALL", "tlh_KX.UTF-8"),
    ] {
        // SAFETY: this process has one thread.
        unsafe { std::env::set_var(name, value) };
    }
    for signal in [libc::SIGINT, libc::SIGPIPE] {
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(signal, libc::SIG_IGN) };
    }
    let mut blocked = std::mem::MaybeUninit::<libc::sigset_t>::zeroed();
    // SAFETY: the set is zeroed, which is empty.
    unsafe { libc::sigaddset(blocked.as_mut_ptr(), libc::SIGTERM) };
    // SAFETY: the set is valid.
    unsafe { libc::sigprocmask(libc::SIG_BLOCK, blocked.as_ptr(), std::ptr::null_mut()) };
    Ok(())
}

/// The state that a child observed.
struct Seen {
    descriptors: usize,
    environment: String,
    ignored: u64,
    blocked: u64,
}

impl Seen {
    fn by_std() -> Result<Seen> {
        let text = |program: &str, args: &[&str]| -> Result<String> {
            Ok(String::from_utf8(Command::new(program).args(args).output()?.stdout)?)
        };
        Seen::parse(
            &text("ls", &["-l", "/proc/self/fd"])?,
            text("cat", &["/proc/self/environ"])?,
            &text("cat", &["/proc/self/status"])?,
        )
    }

    fn by_airtight() -> Result<Seen> {
        let descriptors = command! { "ls", args: ["-l", "/proc/self/fd"], env: pass_common, stdout: text }.run()?;
        let environment = command! { "cat", args: ["/proc/self/environ"], env: pass_common, stdout: text }.run()?;
        let status = command! { "cat", args: ["/proc/self/status"], env: pass_common, stdout: text }.run()?;
        Seen::parse(descriptors.stdout(), environment.into_stdout(), status.stdout())
    }

    fn parse(descriptors: &str, environment: String, status: &str) -> Result<Seen> {
        let set = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line in status")?;
            Ok(u64::from_str_radix(line.trim_start_matches(':').trim(), 16)?)
        };
        // Without the descriptor by which `ls` reads the folder.
        let links =
            descriptors.lines().filter_map(|line| line.split_once(" -> ")).filter(|(_, to)| !to.starts_with("/proc/"));
        Ok(Seen {
            descriptors: links.count().saturating_sub(3),
            environment,
            ignored: set("SigIgn")?,
            blocked: set("SigBlk")?,
        })
    }

    fn variable(&self, name: &str) -> Option<&str> {
        self.environment.split('\0').find_map(|entry| entry.strip_prefix(name)?.strip_prefix('='))
    }

    fn variables(&self) -> String {
        count(["GIT_DIR", "IFS", "LD_DEBUG_OUTPUT"].iter().filter(|name| self.variable(name).is_some()).count())
    }

    fn password(&self) -> String {
        self.variable("DATABASE_PASSWORD").unwrap_or("none").to_owned()
    }

    fn locale(&self) -> String {
        self.variable("LC_ALL").unwrap_or("none").to_owned()
    }

    fn is_clean(&self) -> bool {
        self.descriptors == 0 && self.ignored == 0 && self.blocked == 0 && self.variable("DATABASE_PASSWORD").is_none()
    }
}

fn count(number: usize) -> String {
    if number == 0 { "none".to_owned() } else { number.to_string() }
}

fn names(set: u64) -> String {
    let known = [(libc::SIGINT, "SIGINT"), (libc::SIGPIPE, "SIGPIPE"), (libc::SIGTERM, "SIGTERM")];
    let names: Vec<_> =
        known.iter().filter(|(signal, _)| set & (1 << (signal - 1)) != 0).map(|known| known.1).collect();
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}
