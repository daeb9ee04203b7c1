//! What a start costs, beside the kernel's cheapest way and beside std: `cargo bench -p airtight`.
//!
//! Every figure is a ratio within one run: the machine's own noise is in both of its sides.

mod limit;
mod measure;
mod tiny;

use airtight::command;
use limit::{Stack, State};
use measure::{Contender, Row};
use std::ffi::{CString, c_char};
use std::os::fd::AsRawFd;
use std::process::{Command, Stdio};

const ROUNDS: usize = 2000;

fn main() {
    // `cargo test --benches` runs it too, where figures mean nothing.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let programs = tiny::Programs::new();
    let environ: Vec<CString> = std::env::vars().filter_map(|(k, v)| CString::new(format!("{k}={v}")).ok()).collect();
    let envp: Vec<*const c_char> = environ.iter().map(|entry| entry.as_ptr()).chain([std::ptr::null()]).collect();
    let mut rows = vec![null_streams("null streams", &programs, &envp)];
    {
        let files: Vec<std::fs::File> = (0..1000).filter_map(|_| inheritable("/dev/null")).collect();
        rows.push(null_streams(&format!("null streams, {} descriptors open", files.len()), &programs, &envp));
    }
    rows.push(one_pipe(&programs, &envp));
    rows.push(two_pipes(&programs, &envp));
    for mebibytes in [256, 1024] {
        let memory = vec![1_u8; mebibytes << 20];
        rows.push(null_streams(&format!("null streams, {mebibytes} MiB touched"), &programs, &envp));
        std::hint::black_box(memory);
    }
    show(&rows);
}

/// A descriptor that exec leaves open.
fn inheritable(path: &str) -> Option<std::fs::File> {
    let file = std::fs::File::open(path).ok()?;
    // SAFETY: takes no pointers.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0) };
    Some(file)
}

const NULL: State = State { signals: true, descriptors: true, streams: Some([None; 3]) };

fn null_streams(scenario: &str, programs: &tiny::Programs, envp: &[*const c_char]) -> Row {
    let (program, path) = (programs.exit(), tiny::c_path(&programs.exit()));
    let (mut bare, mut same) = (Stack::new(), Stack::new());
    Row::measure(
        scenario,
        ROUNDS,
        vec![
            Contender::new("limit", || {
                limit::start(&mut bare, &path, envp, State::default()).wait();
            }),
            Contender::new("same state", || {
                limit::start(&mut same, &path, envp, NULL).wait();
            }),
            Contender::new("airtight", || {
                command! { &program, stdio: null }.run().expect("it runs");
            }),
            Contender::new("std", || {
                let null = Stdio::null;
                Command::new(&program).stdin(null()).stdout(null()).stderr(null()).status().expect("it runs");
            }),
        ],
    )
}

/// The default streams: of stderr the end is kept for an error.
fn one_pipe(programs: &tiny::Programs, envp: &[*const c_char]) -> Row {
    let (program, path) = (programs.exit(), tiny::c_path(&programs.exit()));
    let mut stack = Stack::new();
    Row::measure(
        "default streams (one pipe)",
        ROUNDS,
        vec![
            Contender::new("same state", || assert_eq!(limit::drained::<1>(&mut stack, &path, envp, NULL), 0)),
            Contender::new("airtight", || {
                command! { &program }.run().expect("it runs");
            }),
        ],
    )
}

fn two_pipes(programs: &tiny::Programs, envp: &[*const c_char]) -> Row {
    let (program, path) = (programs.speak(), tiny::c_path(&programs.speak()));
    let mut stack = Stack::new();
    Row::measure(
        "100 bytes captured of each output",
        ROUNDS,
        vec![
            Contender::new("same state", || assert_eq!(limit::drained::<2>(&mut stack, &path, envp, NULL), 200)),
            Contender::new("airtight", || {
                let output = command! { &program, stdout: buffer, stderr: buffer }.run().expect("it runs");
                assert_eq!(output.stdout().len() + output.stderr().len(), 200);
            }),
            Contender::new("std", || {
                let output = Command::new(&program).stdin(Stdio::null()).output().expect("it runs");
                assert_eq!(output.stdout.len() + output.stderr.len(), 200);
            }),
        ],
    )
}

/// One line a scenario: medians in microseconds, and airtight's as a ratio of each.
fn show(rows: &[Row]) {
    let time = |value: Option<f64>| value.map_or("-".to_owned(), |value| format!("{value:.1}"));
    println!("| scenario | airtight, µs | limit | ÷ | same state by hand | ÷ | std | ÷ |");
    println!("|---|---|---|---|---|---|---|---|");
    for row in rows {
        let ours = row.median("airtight");
        let others = ["limit", "same state", "std"].map(|name| {
            let other = row.median(name);
            let ratio = ours.zip(other).map_or("-".to_owned(), |(ours, other)| format!("{:.2}", ours / other));
            format!("{} | {ratio}", time(other))
        });
        println!("| {} | {} | {} |", row.scenario, time(ours), others.join(" | "));
    }
}
