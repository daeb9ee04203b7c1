//! A process that starts many commands does not grow.

use airtight::command;
use airtight_tests::{Watch, alone, at_scale, own_status, proc, said};
use std::fs::File;

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

/// Measures that stay constant in such a process.
#[derive(Debug, PartialEq, Eq)]
struct Size {
    descriptors: usize,
    threads: usize,
    children: String,
    /// The number of mappings other than private writable ones, such as the guard page of a child's stack and the page
    /// shared with the child. The allocator creates none of these.
    mapped_for_children: usize,
    /// The KiB of private writable mappings: stacks, and the allocator's, which it may merge.
    writable: usize,
    /// KiB.
    resident: usize,
}

impl Size {
    fn now() -> Size {
        let read = |file| std::fs::read_to_string(proc(file)).expect("/proc is mounted");
        let maps = read("self/maps");
        let (writable, others): (Vec<_>, Vec<_>) = maps.lines().partition(|line| line.contains(" rw-p "));
        Size {
            descriptors: std::fs::read_dir(proc("self/fd")).expect("/proc is mounted").count(),
            threads: own_status("Threads"),
            children: read("thread-self/children"),
            mapped_for_children: others.len(),
            writable: writable.iter().map(|line| kib(line)).sum(),
            resident: own_status("VmRSS"),
        }
    }
}

/// The size of a line of /proc/PID/maps.
fn kib(line: &str) -> usize {
    let (from, rest) = line.split_once('-').expect("a range");
    let (to, _) = rest.split_once(' ').expect("its access");
    let address = |hexadecimal| usize::from_str_radix(hexadecimal, 16).expect("an address");
    (address(to) - address(from)) / 1024
}

#[test]
fn for_long() {
    let _watch = Watch::new();
    let commands = std::env::var("AIRTIGHT_SOAK").ok().and_then(|count| count.parse().ok());
    let commands: usize = commands.unwrap_or_else(|| at_scale(2_000, 50_000));
    alone("for_long", || {
        let file = File::open("/dev/zero").expect("a device");
        let some = |count: usize| {
            for index in 0..count {
                match index % 10 {
                    0 => drop(command! { "/nonexistent" }.run().unwrap_err()),
                    1 => drop(command! { "/bin/true", cwd: "/nonexistent" }.run().unwrap_err()),
                    2 => drop(
                        command! { PROBE, args: ["table", 1], fds: [&file], stdout: buffer }.run().expect("it runs"),
                    ),
                    3 => drop(command! { "/bin/true" }.background().expect("it starts").wait().expect("it succeeds")),
                    4 => drop(command! { "/bin/true", stdin: pipe, stdout: pipe }.spawn().expect("it starts")),
                    5 => drop(
                        command! { "/bin/true", handshake }.spawn().expect("it starts").proceed().expect("it goes on"),
                    ),
                    6 => drop(command! { "/bin/true", daemonize }.run().expect("it starts")),
                    7 => drop(
                        command! { "/bin/echo", args: ["x"], stdout: buffer, stderr: buffer }.run().expect("it runs"),
                    ),
                    8 => drop(
                        command! { "/bin/cat", stdin: buffer([b'x'; 100_000]), stdout: buffer }.run().expect("it runs"),
                    ),
                    _ => drop(command! { "/bin/true", stdio: null }.run().expect("it runs")),
                }
            }
        };
        some(commands / 10);
        let before = Size::now();
        some(commands - commands / 10);
        let after = Size::now();
        assert_eq!(
            (after.descriptors, after.threads, &after.children, after.mapped_for_children),
            (before.descriptors, before.threads, &before.children, before.mapped_for_children),
        );
        // The allocator may keep some pages; a leak of one page for each command of a kind would be three times as
        // much.
        assert!(after.writable <= before.writable + 256, "{before:?}, {after:?}: KiB that can be written");
        assert!(after.resident <= before.resident + 256, "{before:?}, {after:?}: KiB that are resident");
    });
    said("for_long", &format!("{commands} commands"));
}
