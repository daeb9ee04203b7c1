//! Output and input: a few bytes, and a GiB.

use crate::limit::{self, Stack, State};
use crate::loops::{self, Reserved};
use crate::measure::{Contender, Effort, OURS, Row};
use crate::starts::NULL;
use crate::{Bench, goals, peers};
use airtight::command;
use std::io::{Read, Write};
use std::process::{Command, Stdio};

const GIBIBYTE: usize = 1 << 30;
/// Rounds of the rows that take a second for each.
const FEW_ROUNDS: usize = 7;

/// The default streams: a pipe for stderr, whose end is kept for the error.
pub(crate) fn one_pipe(bench: &Bench) -> Row {
    one_pipe_called(bench, "default streams (a pipe for stderr)")
}

/// The same with `count` descriptors open, so that the pipe gets a number above them.
pub(crate) fn one_far_pipe(bench: &Bench, count: usize) -> Row {
    let _open = crate::starts::open_descriptors(count);
    one_pipe_called(bench, &format!("default streams, {count} descriptors open"))
}

fn one_pipe_called(bench: &Bench, scenario: &str) -> Row {
    let (program, path) = (bench.programs.exit(), bench.c_path(&bench.programs.exit()));
    let mut stack = Stack::new();
    let contenders = vec![
        Contender::new(OURS, || {
            command! { &program }.run().expect("it runs");
        }),
        Contender::new("by hand", || assert_eq!(limit::drained::<1>(&mut stack, &path, bench.envp(), NULL), 0)),
    ];
    Row::measure(scenario, bench.effort, contenders).goal("by hand", goals::PIPES_TO_HAND)
}

/// 100 bytes captured from each output.
pub(crate) fn two_pipes(bench: &Bench) -> Row {
    let (program, path) = (bench.programs.speak(), bench.c_path(&bench.programs.speak()));
    let mut stack = Stack::new();
    let contenders = vec![
        ours_captured(&program),
        Contender::new("by hand", || {
            assert_eq!(limit::drained::<2>(&mut stack, &path, bench.envp(), NULL), 200);
        }),
        Contender::new("std", || {
            let output = Command::new(&program).stdin(Stdio::null()).output().expect("it runs");
            assert_eq!(output.stdout.len() + output.stderr.len(), 200);
        }),
    ];
    Row::measure("100 bytes of each output captured", bench.effort, contenders).goal("by hand", goals::CAPTURE_TO_HAND)
}

/// The same beside peers that start threads. A process that has or had threads copies its environ for each start.
pub(crate) fn two_pipes_with_threads(bench: &Bench) -> Row {
    let (program, path) = (bench.programs.speak(), bench.c_path(&bench.programs.speak()));
    let mut contenders = vec![ours_captured(&program)];
    contenders.extend(peers::captured(&program, &path, bench.libvirt));
    Row::measure("100 bytes of each output captured, beside threads", bench.effort, contenders)
}

fn ours_captured(program: &std::path::Path) -> Contender<'_> {
    Contender::new(OURS, move || {
        let output = command! { program, stdout: buffer, stderr: buffer }.run().expect("it runs");
        assert_eq!(output.stdout().len() + output.stderr().len(), 200);
    })
}

fn few(bench: &Bench) -> Effort {
    Effort { rounds: FEW_ROUNDS, at_most: bench.effort.at_most * 8, warmed: GIBIBYTE + GIBIBYTE / 8 }
}

/// A GiB captured in memory.
pub(crate) fn captured(bench: &Bench) -> Row {
    let (program, path) = (bench.programs.flood(), bench.c_path(&bench.programs.flood()));
    let mut stack = Stack::new();
    let contenders = vec![
        Contender::new(OURS, || {
            let output = command! { &program, stdout: buffer(max = GIBIBYTE), stderr: null }.run().expect("it runs");
            assert_eq!(output.stdout().len(), GIBIBYTE);
        }),
        Contender::new("by hand", || {
            let mut buffer = Reserved::new(GIBIBYTE + (1 << 20));
            let state = State { streams: None, ..NULL };
            let read = loops::drained(&mut stack, &path, bench.envp(), state, &mut buffer, true);
            assert_eq!(read, GIBIBYTE);
        }),
        Contender::new("file_buffer", || {
            let command = command! { &program, stdout: file_buffer(max = GIBIBYTE), stderr: null };
            assert_eq!(command.run().expect("it runs").stdout().len(), GIBIBYTE);
        }),
        Contender::new("std", || {
            let mut command = Command::new(&program);
            let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().expect("it runs");
            assert_eq!(output.stdout.len(), GIBIBYTE);
        }),
        Contender::new("duct", || {
            let output = duct::cmd!(&program).stdin_null().stdout_capture().stderr_null().run().expect("it runs");
            assert_eq!(output.stdout.len(), GIBIBYTE);
        }),
        Contender::new("subprocess", || {
            use subprocess::{Exec, Redirection};
            let exec = Exec::cmd(&program).stdin(Redirection::Null).stdout(Redirection::Pipe);
            assert_eq!(exec.capture().expect("it runs").stdout.len(), GIBIBYTE);
        }),
    ];
    Row::measure("1 GiB captured", few(bench), contenders).goal("by hand", goals::PIPES_TO_HAND)
}

/// A GiB read and discarded; `airtight` keeps the end of it.
pub(crate) fn discarded(bench: &Bench) -> Row {
    let (program, path) = (bench.programs.flood(), bench.c_path(&bench.programs.flood()));
    let mut stack = Stack::new();
    let mut buffer = Reserved::new(1 << 20);
    let contenders = vec![
        Contender::new(OURS, || {
            command! { &program, stderr: stdout }.run().expect("it runs");
        }),
        Contender::new("by hand", || {
            let state = State { streams: None, ..NULL };
            let read = loops::drained(&mut stack, &path, bench.envp(), state, &mut buffer, false);
            assert_eq!(read, GIBIBYTE);
        }),
        Contender::new("std", || {
            let mut command = Command::new(&program);
            let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("it starts");
            let (mut stdout, mut chunk) = (child.stdout.take().expect("a pipe"), vec![0; 64 << 10]);
            while stdout.read(&mut chunk).expect("it is read") > 0 {}
            assert!(child.wait().expect("it ends").success());
        }),
    ];
    Row::measure("1 GiB discarded", few(bench), contenders).goal("by hand", goals::PIPES_TO_HAND)
}

/// A GiB fed to `cat` and read back.
pub(crate) fn fed(bench: &Bench) -> Row {
    let (program, path) = (std::path::Path::new("/bin/cat"), c"/bin/cat");
    let input = std::sync::Arc::new(vec![b'x'; GIBIBYTE]);
    let cat = command! { program, stdin: buffer(input.to_vec()), stdout: buffer(max = GIBIBYTE), stderr: null };
    let mut stack = Stack::new();
    let contenders = vec![
        Contender::new(OURS, || {
            // A clone shares the bytes that are fed.
            assert_eq!(cat.clone().run().expect("it runs").stdout().len(), GIBIBYTE);
        }),
        Contender::new("by hand", || {
            let mut buffer = Reserved::new(GIBIBYTE + (1 << 20));
            let state = State { streams: None, ..NULL };
            assert_eq!(loops::fed(&mut stack, path, bench.envp(), state, &input, &mut buffer), GIBIBYTE);
        }),
        Contender::new("std", || {
            let mut command = Command::new(program);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("it starts");
            let mut stdin = child.stdin.take().expect("a pipe");
            let input = std::sync::Arc::clone(&input);
            let writer = std::thread::spawn(move || stdin.write_all(&input));
            let output = child.wait_with_output().expect("it runs");
            writer.join().expect("it ends").expect("all is written");
            assert_eq!(output.stdout.len(), GIBIBYTE);
        }),
        Contender::new("duct", || {
            let output = duct::cmd!(program).stdin_bytes(input.as_slice()).stdout_capture().run().expect("it runs");
            assert_eq!(output.stdout.len(), GIBIBYTE);
        }),
    ];
    Row::measure("1 GiB fed through cat", few(bench), contenders).goal("by hand", goals::PIPES_TO_HAND)
}
