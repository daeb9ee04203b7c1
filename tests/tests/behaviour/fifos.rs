//! A FIFO as a stream: opening it is within the timeout of the command.

use airtight::{Error, ErrorKind, command};
use airtight_tests::{Folder, Watch, alone, in_time, ms};
use std::path::Path;
use std::time::{Duration, Instant};

fn is_timeout(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Timeout { .. })
}

fn fifo(path: &Path) {
    let path = std::ffi::CString::new(path.as_os_str().as_encoded_bytes()).expect("no NUL");
    // SAFETY: a C string.
    assert_eq!(unsafe { libc::mkfifo(path.as_ptr(), 0o666) }, 0);
}

#[test]
fn a_fifo_whose_other_end_nobody_opens() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let path = folder.join("fifo");
    fifo(&path);
    let cat = || command! { "cat", stdin: file(&path), timeout: ms(300) };
    let echo = || command! { "echo", stdout: file(&path), timeout: ms(300) };
    let begun = Instant::now();
    for error in [cat().run().unwrap_err(), echo().run().unwrap_err()] {
        assert!(is_timeout(&error), "{error:?}");
    }
    assert!(is_timeout(&cat().background().unwrap_err()));
    assert!(is_timeout(&echo().spawn().unwrap_err()));
    in_time(begun, ms(1200), ms(1200));
    assert!(is_timeout(&command! { "echo", stdout: append(&path), timeout: ms(10) }.run().unwrap_err()));
}

/// A peer opens it late, and writes late, or not at all.
#[test]
fn a_fifo_whose_other_end_is_opened_late() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let path = folder.join("fifo");
    fifo(&path);
    for says in ["", "something"] {
        let begun = Instant::now();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(ms(150));
                let mut writer = std::fs::File::options().write(true).open(&path).expect("a reader is there");
                std::thread::sleep(ms(300));
                std::io::Write::write_all(&mut writer, says.as_bytes()).expect("it is read");
            });
            let cat = command! { "cat", stdin: file(&path), stdout: text, timeout: Duration::from_secs(30) };
            assert_eq!(cat.run().expect("it is in time").stdout(), says);
            assert!(begun.elapsed() >= ms(450), "cat reads until the writer has gone");
        });
    }
    std::thread::scope(|scope| {
        let read = scope.spawn(|| {
            std::thread::sleep(ms(150));
            std::fs::read_to_string(&path).expect("a writer is there")
        });
        let echo = command! { "echo", args: ["late"], stdout: file(&path), timeout: Duration::from_secs(30) };
        echo.run().expect("it is in time");
        assert_eq!(read.join().expect("it does not panic"), "late\n");
    });
}

/// The program's descriptor is blocking, as for any other file.
#[test]
fn a_fifo_is_opened_as_without_a_timeout() {
    let _watch = Watch::new();
    let folder = Folder::new();
    let path = folder.join("fifo");
    fifo(&path);
    let both = std::fs::File::options().read(true).write(true).open(&path).expect("a FIFO");
    let flags = |timeout: Option<Duration>| {
        let asked = command! {
            "sh",
            shell_script: r#"grep flags "$1/self/fdinfo/0" "$1/self/fdinfo/1" >&2"#,
            args: [airtight_tests::proc(".")],
            stdin: file(&path),
            stdout: file(&path),
            stderr: text,
            timeout: timeout,
        };
        asked.run().expect("it runs").into_stderr()
    };
    assert_eq!(flags(Some(Duration::from_secs(30))), flags(None));
    drop(both);
}

/// A signal (EINTR) during the wait for the peer is not an error.
#[test]
fn signals_while_a_fifo_is_waited_for() {
    let _watch = Watch::new();
    alone("signals_while_a_fifo_is_waited_for", || {
        extern "C" fn nothing(_: libc::c_int) {}
        let handler: extern "C" fn(libc::c_int) = nothing;
        // SAFETY: the handler does nothing.
        unsafe { libc::signal(libc::SIGUSR1, handler as libc::sighandler_t) };
        let folder = Folder::new();
        let path = folder.join("fifo");
        fifo(&path);
        // SAFETY: a query without pointers.
        let this = unsafe { libc::gettid() };
        let own = std::process::id() as i32;
        let is_over = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                    // SAFETY: takes no pointers; the thread is there as long as the scope.
                    unsafe { libc::syscall(libc::SYS_tgkill, own, this, libc::SIGUSR1) };
                    std::thread::sleep(Duration::from_micros(100));
                }
            });
            let error = command! { "cat", stdin: file(&path), timeout: ms(500) }.run().unwrap_err();
            is_over.store(true, std::sync::atomic::Ordering::Relaxed);
            assert!(is_timeout(&error), "{error:?}");
        });
    });
}
