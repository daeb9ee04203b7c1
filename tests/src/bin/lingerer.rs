//! A program that outlives its time or leaves processes behind that do: `lingerer ACTION [OPERAND …]`, actions in
//! order.

use std::ffi::CString;
use std::io::Write;
use std::os::unix::process::CommandExt;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    perform(&words);
}

fn perform(mut words: &[String]) {
    while let Some((action, rest)) = words.split_first() {
        words = &rest[act(action, rest)..];
    }
}

/// Performs one action; returns the number of operands it used.
fn act(action: &str, operands: &[String]) -> usize {
    match action {
        // Forks a process that performs the actions up to `done` and inherits the open descriptors.
        "start" => {
            let length = operands.iter().position(|word| word == "done").expect("an end of the actions");
            // SAFETY: this process has one thread.
            if unsafe { libc::fork() } == 0 {
                perform(&operands[..length]);
                std::process::exit(0);
            }
            return length + 1;
        }
        "exec" => panic!("{}", std::process::Command::new(&operands[0]).args(&operands[1..]).exec()),
        "exit" => std::process::exit(number(&operands[0]) as i32),
        "ignore-sigterm" => {
            // SAFETY: this action runs no code.
            unsafe { libc::signal(libc::SIGTERM, libc::SIG_IGN) };
            return 0;
        }
        // On SIGTERM writes a byte to the file, then ends, goes on, or ends later with a second byte.
        "end-at-sigterm" | "end-slowly-at-sigterm" | "count-sigterm" => {
            let path = CString::new(operands[0].as_str()).expect("no NUL");
            let then = match action {
                "end-at-sigterm" => Then::Ends,
                "count-sigterm" => Then::GoesOn,
                _ => Then::EndsLater,
            };
            assert!(MARK.set((path, then)).is_ok());
            let handler: extern "C" fn(libc::c_int) = mark;
            // SAFETY: the handler makes system calls alone.
            unsafe { libc::signal(libc::SIGTERM, handler as libc::sighandler_t) };
        }
        "say-pid" => {
            let new = format!("{}.new", operands[0]);
            std::fs::write(&new, std::process::id().to_string()).expect("a file");
            std::fs::rename(new, &operands[0]).expect("its name");
        }
        "line" => say(&format!("{}\n", operands[0])),
        // Changes all ids to root's, as sudo does: the user that started it may no longer signal it.
        "become-root" => {
            // SAFETY: takes no pointers.
            assert_eq!(unsafe { libc::setresuid(0, 0, 0) }, 0, "{}", std::io::Error::last_os_error());
            return 0;
        }
        "session" => {
            // SAFETY: takes no pointers.
            assert!(unsafe { libc::setsid() } > 0, "{}", std::io::Error::last_os_error());
            return 0;
        }
        "own-group" => {
            // SAFETY: takes no pointers.
            assert_eq!(unsafe { libc::setpgid(0, 0) }, 0, "{}", std::io::Error::last_os_error());
            return 0;
        }
        // Joins the process group of the process whose number is in the file.
        "join-group" => {
            let group = number(&std::fs::read_to_string(&operands[0]).expect("a file"));
            // SAFETY: takes no pointers.
            assert_eq!(unsafe { libc::setpgid(0, group as libc::pid_t) }, 0, "{}", std::io::Error::last_os_error());
        }
        "await" => {
            while !std::fs::exists(&operands[0]).expect("a path") {
                std::thread::sleep(Duration::from_millis(5));
            }
        }
        "stop" => {
            // SAFETY: a signal to itself.
            unsafe { libc::raise(libc::SIGSTOP) };
            return 0;
        }
        // Freezes itself in this control group (version 2).
        "freeze" => {
            std::fs::write(format!("{}/cgroup.procs", operands[0]), "0").expect("a control group");
            std::fs::write(format!("{}/cgroup.freeze", operands[0]), "1").expect("a control group");
        }
        "sleep" => std::thread::sleep(Duration::from_millis(number(&operands[0]))),
        // Goes on for so many milliseconds, or until the path is removed.
        "silent" | "chatty" | "flood" | "torrent" => keep(action, number(&operands[0]), &operands[1]),
        other => panic!("no action {other}"),
    }
    if matches!(action, "silent" | "chatty" | "flood" | "torrent") { 2 } else { 1 }
}

#[derive(Clone, Copy, PartialEq)]
enum Then {
    GoesOn,
    Ends,
    EndsLater,
}

static MARK: OnceLock<(CString, Then)> = OnceLock::new();

extern "C" fn mark(_: libc::c_int) {
    let Some((path, then)) = MARK.get() else { return };
    // SAFETY: a C string.
    let file = unsafe { libc::open(path.as_ptr(), libc::O_WRONLY | libc::O_CREAT | libc::O_APPEND, 0o666) };
    // SAFETY: one byte.
    unsafe { libc::write(file, c".".as_ptr().cast(), 1) };
    if *then == Then::EndsLater {
        let while_later = libc::timespec { tv_sec: 0, tv_nsec: 300_000_000 };
        // SAFETY: the time is valid.
        unsafe { libc::nanosleep(&raw const while_later, std::ptr::null_mut()) };
        // SAFETY: one byte.
        unsafe { libc::write(file, c".".as_ptr().cast(), 1) };
    }
    // SAFETY: opened above.
    unsafe { libc::close(file) };
    if *then != Then::GoesOn {
        // SAFETY: ends this process.
        unsafe { libc::_exit(0) };
    }
}

const LINE: &str = "a line of sixty-four bytes, its end among them, and no more ...\n";

fn keep(how: &str, time: u64, path: &str) {
    let begun = Instant::now();
    loop {
        match how {
            "chatty" => say("x"),
            "flood" | "torrent" => say(&LINE.repeat(256)),
            _ => {}
        }
        if begun.elapsed() >= Duration::from_millis(time) || !std::fs::exists(path).unwrap_or(false) {
            return;
        }
        std::thread::sleep(Duration::from_millis(match how {
            "torrent" => 0,
            "flood" => 5,
            _ => 20,
        }));
    }
}

/// Writes to both outputs and ignores errors; SIGPIPE kills this process, as it would any other program.
fn say(words: &str) {
    let _ = std::io::stdout().write_all(words.as_bytes()).and_then(|()| std::io::stdout().flush());
    let _ = std::io::stderr().write_all(words.as_bytes());
}

fn number(text: &str) -> u64 {
    text.parse().expect("a number")
}
