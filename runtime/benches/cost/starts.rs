//! Starting a program that exits at once, and waiting for it.

use crate::libvirt::Given;
use crate::limit::{self, Stack, State};
use crate::measure::{Contender, OURS, Row};
use crate::peers;
use crate::{Bench, goals};
use airtight::command;
use std::os::fd::AsRawFd;
use std::os::unix::process::CommandExt;

/// Signals reset, descriptors closed, all three streams at `/dev/null`.
pub(crate) const NULL: State = State { signals: true, descriptors: true, streams: Some([None; 3]) };

/// Null streams, in the current state of this process.
pub(crate) fn null_streams(bench: &Bench, scenario: &str) -> Row {
    let (program, path) = (bench.programs.exit(), bench.c_path(&bench.programs.exit()));
    let (mut bare, mut same) = (Stack::new(), Stack::new());
    let mut contenders = vec![
        ours(&program),
        Contender::new("limit", || {
            limit::start(&mut bare, &path, bench.envp(), State::default()).wait();
        }),
        Contender::new("by hand", || {
            limit::start(&mut same, &path, bench.envp(), NULL).wait();
        }),
    ];
    contenders.extend(peers::null(&program));
    let row = Row::measure(scenario, bench.effort, contenders);
    let mut contenders = vec![ours(&program)];
    contenders.extend(peers::null_by_copy(&program, &path, bench.libvirt));
    row.and(Row::measure(scenario, bench.effort, contenders))
}

fn ours(program: &std::path::Path) -> Contender<'_> {
    Contender::new(OURS, move || {
        command! { program, stdio: null }.run().expect("it runs");
    })
}

/// With `count` descriptors open without close-on-exec.
pub(crate) fn descriptors(bench: &Bench, count: usize) -> Row {
    let _open = open_descriptors(count);
    let row = null_streams(bench, &format!("null streams, {count} descriptors open"));
    row.goal("limit", goals::NULL_TO_LIMIT).goal("by hand", goals::NULL_TO_HAND)
}

pub(crate) fn open_descriptors(count: usize) -> Vec<std::fs::File> {
    let files: Vec<_> = (0..count).filter_map(|_| inheritable("/dev/null")).collect();
    assert_eq!(files.len(), count, "the limit of descriptors is too low");
    files
}

fn inheritable(path: &str) -> Option<std::fs::File> {
    let file = std::fs::File::open(path).ok()?;
    // SAFETY: takes no pointers.
    unsafe { libc::fcntl(file.as_raw_fd(), libc::F_SETFD, 0) };
    Some(file)
}

/// With this much memory touched.
pub(crate) fn memory(bench: &Bench, mebibytes: usize) -> Row {
    let memory = vec![1_u8; mebibytes << 20];
    let row = null_streams(bench, &format!("null streams, {mebibytes} MiB touched"));
    std::hint::black_box(memory);
    row
}

/// With all capabilities dropped.
pub(crate) fn clear_caps(bench: &Bench) -> Row {
    let (program, path) = (bench.programs.exit(), bench.c_path(&bench.programs.exit()));
    let mut contenders = vec![
        Contender::new(OURS, || {
            command! { &program, stdio: null, caps: clear }.run().expect("it runs");
        }),
        Contender::new("std hardened", || {
            let mut command = peers::std_null(&program);
            // SAFETY: the closure makes system calls and nothing else.
            unsafe { command.pre_exec(peers::clear_caps) };
            assert!(command.status().expect("it runs").success());
        }),
    ];
    let given = Given { clear_caps: true, nobody: false };
    contenders.extend(bench.libvirt.map(|libvirt| Contender::new("libvirt", move || libvirt.run(&path, given))));
    Row::measure("null streams, `caps: clear`", bench.effort, contenders)
}

/// As another user; `None` where this process cannot change ids.
pub(crate) fn another_user(bench: &Bench, mebibytes: usize) -> Option<Row> {
    // SAFETY: a query without pointers.
    if unsafe { libc::geteuid() } != 0 {
        eprintln!("left out: another user (needs root)");
        return None;
    }
    let memory = vec![1_u8; mebibytes << 20];
    let (program, path) = (bench.programs.exit(), bench.c_path(&bench.programs.exit()));
    let mut contenders = vec![
        Contender::new(OURS, || {
            command! { &program, stdio: null, uid: 65534, gid: 65534, groups: [65534] }.run().expect("it runs");
        }),
        Contender::new("std", || {
            let mut command = peers::std_null(&program);
            assert!(command.uid(65534).gid(65534).status().expect("it runs").success());
        }),
    ];
    let given = Given { clear_caps: false, nobody: true };
    contenders.extend(bench.libvirt.map(|libvirt| Contender::new("libvirt", move || libvirt.run(&path, given))));
    let row = Row::measure(&format!("another user, {mebibytes} MiB touched"), bench.effort, contenders);
    std::hint::black_box(memory);
    Some(row)
}

/// Heap allocations of one run of a literal command.
pub(crate) fn allocations(bench: &Bench) -> Row {
    let program = bench.programs.exit();
    let shell = xshell::Shell::new().expect("a shell");
    let of = |mut run: Box<dyn FnMut() + '_>| {
        run();
        let before = crate::allocations();
        run();
        (crate::allocations() - before) as f64
    };
    let ours = of(Box::new(|| {
        command! { "/bin/true", stdio: null }.run().expect("it runs");
    }));
    let others = [
        ("std", of(Box::new(|| assert!(peers::std_null(&program).status().expect("it runs").success())))),
        (
            "duct",
            of(Box::new(|| {
                duct::cmd!(&program).stdin_null().stdout_null().stderr_null().run().expect("it runs");
            })),
        ),
        (
            "xshell",
            of(Box::new(|| shell.cmd(&program).quiet().ignore_stdout().ignore_stderr().run().expect("it runs"))),
        ),
        (
            "subprocess",
            of(Box::new(|| {
                use subprocess::{Exec, Redirection};
                let exec = Exec::cmd(&program).stdin(Redirection::Null).stdout(Redirection::Null);
                assert!(exec.stderr(Redirection::Null).join().expect("it runs").success());
            })),
        ),
    ];
    Row::counted("heap allocations of a literal command", "", ours, &others)
}
