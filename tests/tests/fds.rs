//! Passed descriptors: borrowed, moved, renumbered, data, lists, named in arguments.

use airtight::stdio::{Buffer, Stream};
use airtight::{ErrorKind, Output, Rule, Step, command};
use airtight_tests::{Folder, Observed, Refused, alone, proc, refuse};
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

const OBSERVER: &str = env!("CARGO_BIN_EXE_observer");
/// A number that no other test of this process opens.
const NUMBER: i32 = 709;

/// The descriptors of the child from 3 up: number and file name.
fn passed<Err: Stream>(output: &Output<Buffer, Err>) -> Vec<(i32, String)> {
    let observed = Observed::parse(output.stdout());
    let above = observed.fds().into_iter().filter(|(number, _)| *number > 2);
    above.map(|(number, link)| (number, link.rsplit('/').next().expect("a name").to_owned())).collect()
}

/// Files of different names.
fn files<const N: usize>(folder: &Folder, names: [&str; N]) -> [File; N] {
    names.map(|name| File::create_new(folder.join(name)).expect("a file"))
}

#[test]
fn borrowed_moved_and_renumbered() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let [kept, moved, literal, constant] = files(&folder, ["kept", "moved", "literal", "constant"]);
    let (kept_number, moved_number) = (kept.as_raw_fd(), moved.as_raw_fd());
    let passing = command! { OBSERVER, fds: [&kept, moved, 701 = &literal, NUMBER = constant], stdout: buffer };
    let output = passing.run().expect("it runs");
    let mut expected: Vec<(i32, String)> = vec![
        (kept_number, "kept".into()),
        (moved_number, "moved".into()),
        (701, "literal".into()),
        (NUMBER, "constant".into()),
    ];
    expected.sort();
    assert_eq!(passed(&output), expected);
    (&kept).write_all(b"open").expect("it is open in the parent");
    let beyond = command! { "true", fds: [1_000_000_000 = &kept] }.run().unwrap_err();
    assert!(matches!(beyond.kind(), ErrorKind::Start { step: Step::MoveDescriptor, .. }), "{beyond:?}");
}

#[test]
fn a_moved_descriptor_is_closed_in_the_parent() {
    let _watch = airtight_tests::Watch::new();
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    command! { "true", fds: [writer] }.run().expect("it runs");
    let mut text = String::new();
    assert_eq!(reader.read_to_string(&mut text).expect("its end is seen"), 0);
}

#[test]
fn any_permutation_of_numbers() {
    let _watch = airtight_tests::Watch::new();
    alone("any_permutation_of_numbers", || {
        let folder = Folder::new();
        // Five files at the numbers 20 to 24, which are given each other's numbers in every order.
        let held: Vec<OwnedFd> = (20..25)
            .map(|number| {
                let file = File::create_new(folder.join(&number.to_string())).expect("a file");
                // SAFETY: numbers that nothing uses in this process of few descriptors.
                assert_eq!(unsafe { libc::dup2(file.as_raw_fd(), number) }, number);
                // SAFETY: just opened.
                unsafe { OwnedFd::from_raw_fd(number) }
            })
            .collect();
        let mut order: Vec<usize> = (0..5).collect();
        permute(&mut order, 0, &mut |order| {
            const A: i32 = 20;
            const B: i32 = 21;
            const C: i32 = 22;
            const D: i32 = 23;
            const E: i32 = 24;
            let [a, b, c, d, e] = [0, 1, 2, 3, 4].map(|at| &held[order[at]]);
            let run = command! { OBSERVER, fds: [A = a, B = b, C = c, D = d, E = e], stdout: buffer }.run();
            let seen = passed(&run.expect("it runs"));
            let expected: Vec<(i32, String)> =
                (20..).zip(order.iter().map(|source| (20 + source).to_string())).collect();
            assert_eq!(seen, expected, "{order:?}");
        });
    });
}

fn permute(order: &mut Vec<usize>, from: usize, f: &mut impl FnMut(&[usize])) {
    if from == order.len() {
        return f(order);
    }
    for at in from..order.len() {
        order.swap(from, at);
        permute(order, from + 1, f);
        order.swap(from, at);
    }
}

#[test]
fn one_source_at_several_numbers_and_as_a_stream() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let [file] = files(&folder, ["file"]);
    let output = command! { OBSERVER, fds: [&file, 730 = &file, 731 = &file], stderr: fd(&file), stdout: buffer }.run();
    let output = output.expect("it runs");
    let observed = Observed::parse(output.stdout());
    assert!(observed.fds()[&2].ends_with("/file"));
    assert_eq!(passed(&output).into_iter().map(|(_, name)| name).collect::<Vec<_>>(), ["file"; 3]);
}

#[test]
fn sources_below_three() {
    let _watch = airtight_tests::Watch::new();
    alone("sources_below_three", || {
        let folder = Folder::new();
        let [input] = files(&folder, ["input"]);
        // SAFETY: this process is the test's own, and its stdin is replaced on purpose.
        unsafe { libc::dup2(input.as_raw_fd(), 0) };
        let output = command! { OBSERVER, fds: [40 = &std::io::stdin()], stdout: buffer }.run().expect("it runs");
        assert_eq!(passed(&output), [(40, "input".to_owned())]);
        assert_eq!(Observed::parse(output.stdout()).fds()[&0], "/dev/null");
        for closed in [&[0][..], &[0, 1, 2]] {
            let [file] = files(&folder, [["one", "three"][closed.len() / 3]]);
            // SAFETY: the streams are restored below, and not written to before.
            let kept: Vec<RawFd> = (0..3).map(|fd| unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 50) }).collect();
            closed.iter().for_each(|fd| {
                // SAFETY: as above.
                unsafe { libc::close(*fd) };
            });
            let ran = command! { OBSERVER, fds: [3 = &file, 4 = &file], stdout: buffer }.run();
            for (fd, kept) in kept.into_iter().enumerate() {
                // SAFETY: as above.
                unsafe { libc::dup2(kept, fd as i32) };
                // SAFETY: as above.
                unsafe { libc::close(kept) };
            }
            let seen = passed(&ran.expect("it runs"));
            assert_eq!(seen.iter().map(|(number, _)| *number).collect::<Vec<_>>(), [3, 4]);
        }
    });
}

#[test]
fn data_is_read_from_a_sealed_file() {
    let _watch = airtight_tests::Watch::new();
    let open = proc("self/fd");
    let secret = String::from("\0any bytes\u{ff}");
    let output = command! {
        "cat",
        args: [format!("{open}/{}", fd(key)), "-"],
        fds: [key = data(&secret)],
        stdin: buffer("!"),
        stdout: buffer,
    };
    assert_eq!(output.run().expect("it runs").stdout(), [secret.as_bytes(), b"!"].concat());
    let big = vec![7u8; 3 << 20];
    let wc =
        command! { "wc", args: ["-c", format!("{open}/{}", fd(big_data))], fds: [big_data = data(big)], stdout: text };
    assert!(wc.run().expect("it runs").stdout().starts_with("3145728 "));
    let sealed =
        command! { "tee", args: [format!("{open}/{}", fd(sealed))], fds: [sealed = data("x")], stdin: buffer("y") };
    assert!(sealed.run().is_err(), "nobody can write to it");
}

#[test]
fn numbers_in_arguments() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let [kept, moved, at] = files(&folder, ["kept", "moved", "at"]);
    struct Server {
        log: File,
    }
    let server = Server { log: File::open("/dev/null").expect("the device") };
    let (kept_number, moved_number, log_number) = (kept.as_raw_fd(), moved.as_raw_fd(), server.log.as_raw_fd());
    let output = command! {
        OBSERVER,
        args: [
            fd(kept),
            "--fd" = fd(moved),
            ("--at", fd(at)),
            format!("/dev/fd/{}:{}", fd(kept), fd(log)),
            if true { ["--log", fd(log)] },
        ],
        fds: [&kept, moved, 777 = &at, &server.log],
        stdout: buffer,
    };
    let output = output.run().expect("it runs");
    assert_eq!(
        Observed::parse(output.stdout()).args(),
        [
            kept_number.to_string(),
            format!("--fd={moved_number}"),
            "--at".into(),
            "777".into(),
            format!("/dev/fd/{kept_number}:{log_number}"),
            "--log".into(),
            log_number.to_string()
        ]
    );
}

#[test]
fn lists_of_descriptors() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let owned = files(&folder, ["a", "b"]);
    let borrowed = files(&folder, ["c", "d"]);
    let output = command! { OBSERVER, fds: [..owned, ..&borrowed], stdout: buffer }.run().expect("it runs");
    let mut names: Vec<String> = passed(&output).into_iter().map(|(_, name)| name).collect();
    names.sort();
    assert_eq!(names, ["a", "b", "c", "d"]);
}

#[test]
fn a_base_is_added_to() {
    let _watch = airtight_tests::Watch::new();
    let folder = Folder::new();
    let [first, second] = files(&folder, ["first", "second"]);
    let base = command! { OBSERVER, fds: [60 = &first] };
    let output = command! { ..base.clone(), fds: [61 = &second], stdout: buffer }.run().expect("it runs");
    assert_eq!(passed(&output), [(60, "first".to_owned()), (61, "second".to_owned())]);
    let twice = command! { ..base, fds: [60 = &second] }.run().unwrap_err();
    assert!(matches!(twice.kind(), ErrorKind::Refused { rule: Rule::DescriptorNumber, .. }), "{twice:?}");
    assert_eq!(
        twice.to_string(),
        format!("`{OBSERVER}` was not started: `fds` would give the child descriptor 60 twice")
    );
}

#[test]
fn numbers_that_only_run_time_knows_are_checked() {
    let _watch = airtight_tests::Watch::new();
    const LOW: i32 = 2;
    let file = File::open("/dev/null").expect("the device");
    let error = command! { "true", fds: [LOW = &file] }.run().unwrap_err();
    assert!(error.to_string().contains("descriptor 2, which is a stream"), "{error}");
    let error = command! { "true", fds: [&std::io::stdin()] }.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Refused { rule: Rule::DescriptorNumber, .. }), "{error:?}");
}

#[test]
fn to_a_daemon_and_on_old_ground() {
    let _watch = airtight_tests::Watch::new();
    alone("to_a_daemon_and_on_old_ground", || {
        refuse(&[
            Refused { call: libc::SYS_clone3, operand: None, errno: libc::ENOSYS },
            Refused { call: libc::SYS_close_range, operand: None, errno: libc::ENOSYS },
        ]);
        let folder = Folder::new();
        let [a, b, c] = files(&folder, ["a", "b", "c"]);
        let output = command! { OBSERVER, fds: [3 = &a, 4 = &b, 5 = &c], stdout: buffer }.run().expect("it runs");
        let expected = [(3, "a".to_owned()), (4, "b".to_owned()), (5, "c".to_owned())];
        assert_eq!(passed(&output), expected);
        let mut daemon =
            command! { OBSERVER, fds: [3 = &a, 4 = &b, 5 = &c], stdout: pipe, daemonize }.run().expect("it starts");
        let mut report = Vec::new();
        daemon.take_stdout().expect("a pipe").read_to_end(&mut report).expect("its end");
        let observed = Observed::parse(&report);
        assert_eq!(observed.fds().into_keys().collect::<Vec<_>>(), [0, 1, 2, 3, 4, 5]);
    });
}

#[test]
fn without_files_in_memory_the_error_says_so() {
    let _watch = airtight_tests::Watch::new();
    alone("without_files_in_memory_the_error_says_so", || {
        refuse(&[Refused { call: libc::SYS_memfd_create, operand: None, errno: libc::ENOSYS }]);
        let error = command! { "cat", args: [fd(x)], fds: [x = data("text")] }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::Start { step: Step::Data, .. }), "{error:?}");
    });
}
