//! Bounds of any size, and other ways to lose a part of a stream silently.

use airtight::{ErrorKind, command};
use airtight_tests::{Refused, alone, proc, refuse};

const ACTOR: &str = env!("CARGO_BIN_EXE_actor");

/// The largest numbers: a sum of lengths that includes them overflows.
const LARGEST: [usize; 5] = [usize::MAX, usize::MAX - 1, isize::MAX as usize, isize::MAX as usize - 1, 1 << 40];

#[test]
fn of_any_size_return_what_was_written() {
    let _watch = airtight_tests::Watch::new();
    for max in LARGEST {
        let hello = || command! { "echo", args: ["hello"] };
        let seq = || command! { "seq", args: [100_000] };
        assert_eq!(command! { ..hello(), stdout: buffer(max = max) }.run().unwrap().stdout(), b"hello\n", "{max}");
        assert_eq!(command! { ..seq(), stdout: text(max = max) }.run().unwrap().stdout().len(), 588_895, "{max}");
        assert_eq!(command! { ..hello(), stdout: file_buffer(max = max) }.run().unwrap().stdout(), b"hello\n", "{max}");
        let stored = command! { ..seq(), stdout: file_buffer(max = max) }.run().unwrap();
        assert_eq!(stored.stdout().len(), 588_895, "{max}");
        let both = command! { ACTOR, args: ["flood-both", 70_000], stdout: buffer(max = max), stderr: text(max = max) };
        let both = both.run().unwrap();
        assert_eq!((both.stdout().len(), both.stderr().len()), (70_000, 70_000), "{max}");
        let error = command! { ACTOR, args: ["stderr", "why", "exit", 3], stderr: buffer(max = max) }.run();
        assert_eq!(error.unwrap_err().stderr(), b"why", "{max}");
    }
}

#[test]
fn none_is_too_small() {
    let _watch = airtight_tests::Watch::new();
    for max in [0, 1, 2, 5] {
        let error = command! { "echo", args: ["hello"], stdout: buffer(max = max) }.run().unwrap_err();
        assert!(matches!(error.kind(), ErrorKind::OutputLimit { max: told, .. } if *told == max), "{error:?}");
        assert_eq!(error.stdout(), &b"hello\n"[..max]);
    }
    assert_eq!(command! { "echo", args: ["hello"], stdout: buffer(max = 6) }.run().unwrap().stdout(), b"hello\n");
}

/// A program can make its file longer than memory without writing to it.
#[test]
fn a_file_that_no_memory_holds_is_an_error() {
    let _watch = airtight_tests::Watch::new();
    let stretch = |max: usize| {
        command! { "truncate", args: ["--size=8E", proc("self/fd/1")], stdout: file_buffer(max = max) }
    };
    for max in [usize::MAX, isize::MAX as usize, 1 << 50] {
        // Some kernels refuse such a length for a memfd: then the program itself fails.
        match stretch(max).run() {
            Err(error) if matches!(error.kind(), ErrorKind::Exit { .. }) => {}
            Err(error) => {
                let is_memory = |source: &std::io::Error| source.raw_os_error() == Some(libc::ENOMEM);
                let ErrorKind::Stream { stream, source, .. } = error.kind() else { panic!("{max}: {error:?}") };
                assert!(*stream == "stdout" && is_memory(source), "{max}: {error:?}");
            }
            Ok(output) => panic!("{max}: {} bytes", output.stdout().len()),
        }
    }
    let long = command! { "truncate", args: ["--size=1T", proc("self/fd/1")], stdout: file_buffer(max = usize::MAX) };
    let error = long.run().unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Stream { stream: "stdout", .. }), "{error:?}");
    let error = command! { "truncate", args: ["--size=1T", proc("self/fd/1")], stdout: file_buffer(max = 10) }.run();
    assert_eq!(error.unwrap_err().stdout(), [0; 10]);
}

#[test]
fn a_stdin_that_cannot_be_written_to_is_an_error() {
    let _watch = airtight_tests::Watch::new();
    alone("a_stdin_that_cannot_be_written_to_is_an_error", || {
        let cat = || command! { "cat", stdin: buffer("all of it"), stdout: text };
        assert_eq!(cat().run().unwrap().stdout(), "all of it");
        refuse(&[Refused { call: libc::SYS_pwritev2, operand: None, errno: libc::EIO }]);
        let error = cat().run().unwrap_err();
        let ErrorKind::Stream { stream, source, .. } = error.kind() else { panic!("{error:?}") };
        assert_eq!((*stream, source.raw_os_error()), ("stdin", Some(libc::EIO)));
        // The text of the errno depends on the libc.
        assert_eq!(error.to_string(), format!("`cat`: cannot serve its stdin: {source}"));
    });
}

#[test]
fn a_stdin_that_nobody_reads_is_none() {
    let _watch = airtight_tests::Watch::new();
    command! { "true", stdin: buffer("x".repeat(1 << 20)) }.run().expect("a program need not read its stdin");
}
