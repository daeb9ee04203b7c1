//! Commands built in one place and run in another.

use airtight::fds::{Borrowing, Holding, NoFds};
use airtight::status::{Code, Raw, Success};
use airtight::stdio::{Buffer, Direct, Log, Merged, Text, Unset};
use airtight::{Args, Command, Error, Output, Run, args, command};
use airtight_tests::{Folder, Observed};
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// A tool that declares its base command once.
struct Tool {
    base: Command,
    verbose: bool,
}

impl Tool {
    fn new() -> Tool {
        Tool { base: command! { OBSERVER, args: ["--batch"], env: pass_common, umask: 0o077 }, verbose: true }
    }

    fn list(&self, filter: Option<&str>) -> Command<Unset, Text> {
        command! { ..self.base.clone(), args: ["list", ..self.common(), ("--filter", filter)], stdout: text }
    }

    fn common(&self) -> Args {
        args![
            if self.verbose {
                "--verbose"
            },
            "--color" = "never"
        ]
    }
}

#[test]
fn a_base_is_added_to() {
    let _watch = airtight_tests::Watch::new();
    let tool = Tool::new();
    let output = tool.list(Some("-x")).run().expect("it runs");
    let seen = Observed::parse(output.stdout().as_bytes());
    assert_eq!(seen.args(), ["--batch", "list", "--verbose", "--color=never", "--filter", "-x"]);
    assert_eq!((seen.variable("LC_ALL"), seen.one("Umask")), (Some("C"), "0077"));
    let replaced =
        command! { ..tool.list(None), env: { LC_ALL = "C.UTF-8", NEW = 1 }, umask: 0o022, cwd: "/", stdout: buffer };
    let output = replaced.run().expect("it runs");
    let seen = Observed::parse(output.stdout());
    assert_eq!((seen.variable("LC_ALL"), seen.variable("NEW")), (Some("C.UTF-8"), Some("1")));
    assert_eq!((seen.one("Umask"), seen.one("cwd")), ("0022", "/"));
}

#[test]
fn an_inherited_environment_is_added_to_only_where_it_says_so() {
    let _watch = airtight_tests::Watch::new();
    let base = command! { OBSERVER, stdout: buffer };
    let only = command! { ..base.clone(), env: { A = 1 } }.run().expect("it runs");
    assert_eq!(Observed::parse(only.stdout()).env(), ["A=1"]);
    let more = command! { ..command! { ..base, env: inherit }, env: { A = 1 } }.run().expect("it runs");
    assert!(Observed::parse(more.stdout()).env().len() > 1);
}

#[test]
fn every_key_of_a_base_can_be_replaced() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let file = File::create(folder.join("out")).expect("a file");
    let base = command! {
        ACTOR,
        args: ["stdout", "o", "stderr", "e", "exit", 3],
        stdout: buffer,
        stderr: stdout,
        status: raw,
    };
    let merged: Output<Buffer, Merged, Raw> = base.clone().run().expect("it runs");
    assert_eq!(merged.stdout(), b"oe");
    let apart: Output<Buffer, Text, Code> =
        command! { ..base.clone(), stderr: text, status: code }.run().expect("it runs");
    assert_eq!((apart.stdout(), apart.stderr(), apart.status()), (&b"o"[..], "e", 3));
    let into_file = command! { ..base, stdout: fd(&file), status: success(3) };
    into_file.run().expect("it runs");
    assert_eq!(std::fs::read_to_string(folder.join("out")).expect("the file"), "oe");
}

/// Signatures that spell out the type of a command.
#[allow(dead_code, reason = "that they compile is the test")]
mod signatures {
    use super::*;

    struct Job {
        plain: Command,
        fed: Command<Buffer, Buffer, Log, Code>,
        queue: Vec<Command<Unset, Text>>,
    }

    fn direct() -> Command<Direct, Direct, Direct> {
        command! { "true", stdio: inherit }
    }

    fn fed() -> Command<Buffer, Buffer, Log, Code> {
        command! { "sort", stdin: buffer("b\na\n"), stdout: buffer, stderr: log, status: code }
    }

    fn borrowing(file: &File) -> Command<Direct, Unset, Unset, Success, Borrowing<'_>> {
        command! { "cat", stdin: fd(file) }
    }

    fn borrowing_two<'fd>(
        input: &'fd File,
        output: BorrowedFd<'fd>,
    ) -> Command<Direct, Direct, Unset, Success, Borrowing<'fd>> {
        command! { "cat", stdin: fd(input), stdout: fd(output) }
    }

    fn owning(file: OwnedFd) -> Command<Direct, Unset, Unset, Success, Holding<'static>> {
        command! { "cat", stdin: fd(file) }
    }

    fn both(file: File, other: &File) -> Command<Direct, Direct, Unset, Success, Holding<'_>> {
        command! { "cat", stdin: fd(file), stdout: fd(other) }
    }

    fn none() -> Command<Unset, Unset, Unset, Success, NoFds> {
        command! { "true" }
    }
}

#[test]
fn owned_and_borrowed_descriptors_mix() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let (input, output) = (folder.join("in"), folder.join("out"));
    std::fs::write(&input, "text").expect("a file");
    let out = File::create(&output).expect("a file");
    let (input, errors) = (File::open(&input).expect("the file"), File::create(folder.join("err")).expect("a file"));
    {
        // Descriptors of different lifetimes in one command.
        let short = errors.as_fd();
        command! { "cat", stdin: fd(input), stdout: fd(&out), stderr: fd(short) }.run().expect("it runs");
    }
    assert_eq!(std::fs::read_to_string(&output).expect("the file"), "text");
}

fn run_all<C: Run>(commands: Vec<C>) -> Result<Vec<C::Output>, Error> {
    commands.into_iter().map(Run::run).collect()
}

#[test]
fn generic_runners() {
    let _watch = airtight_tests::Watch::new();
    let echo = |word: &str| command! { "echo", args: [word], stdout: text };
    let outputs = run_all(vec![echo("a"), echo("b")]).expect("both run");
    assert_eq!(outputs.iter().map(Output::stdout).collect::<String>(), "a\nb\n");
    assert!(run_all(vec![command! { "true" }, command! { "false" }]).is_err());
}

#[test]
fn a_command_is_sent_to_another_thread() {
    let _watch = airtight_tests::Watch::new();
    fn sent<T: Send + 'static>(value: T) -> T {
        value
    }
    let command = sent(command! { "echo", args: ["there"], stdin: buffer("x"), stdout: text });
    let ran = std::thread::spawn(move || command.run()).join().expect("the thread");
    assert_eq!(ran.expect("it runs").stdout(), "there\n");
    let file = File::open("/dev/null").expect("the device");
    let _ = sent(command! { "true", stdin: fd(file) });
}

#[test]
fn a_cloned_command_runs_as_often_as_it_is_cloned() {
    let _watch = airtight_tests::Watch::new();
    let sort = command! { "sort", stdin: buffer("b\na\n"), stdout: text };
    for _ in 0..3 {
        assert_eq!(sort.clone().run().expect("it runs").stdout(), "a\nb\n");
    }
}

/// The table of stream kinds: the allowed ones, by their types. The ui tests have the others.
#[test]
fn the_table_of_streams() {
    use airtight::mode::{Daemonized, Foreground};
    use airtight::stdio::{Alongside, Kept, Pipe, RunWith};
    fn run<Kind: RunWith<Foreground>>() {}
    fn spawn<Kind: Alongside>() {}
    fn exec<Kind: Kept>() {}
    fn daemon<Kind: RunWith<Daemonized>>() {}
    let allowed: [fn(); 17] = [
        run::<Unset>,
        spawn::<Unset>,
        exec::<Unset>,
        daemon::<Unset>,
        run::<Direct>,
        spawn::<Direct>,
        exec::<Direct>,
        daemon::<Direct>,
        run::<Merged>,
        spawn::<Merged>,
        exec::<Merged>,
        daemon::<Merged>,
        run::<Buffer>,
        run::<Text>,
        run::<Log>,
        spawn::<Pipe>,
        daemon::<Pipe>,
    ];
    allowed.into_iter().for_each(|is_allowed| is_allowed());
    let folder = Folder::new();
    let (out, err) = (folder.join("out"), folder.join("err"));
    let say = || command! { ACTOR, args: ["stdout", "o", "stderr", "e"], stdout: append(&out), stderr: file(&err) };
    say().run().expect("it runs");
    say().background().expect("it starts").wait().expect("it runs");
    say().spawn().expect("it starts").wait().expect("it runs");
    let daemon = command! { ..say(), daemonize }.run().expect("it starts");
    let begun = std::time::Instant::now();
    while std::fs::read_to_string(&out).expect("the file") != "oooo" {
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{daemon:?} said nothing");
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
}
