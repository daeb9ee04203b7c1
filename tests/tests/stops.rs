//! Job control: the group of a process that starts commands is stopped and continued.

use airtight::command;
use airtight_tests::{Folder, Watch, alone, at_scale, is_root, no_children};
use std::io::{PipeReader, Read};
use std::os::fd::AsRawFd;

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

/// A terminal stops and continues the whole group, at any moment of a start.
#[test]
fn stops_at_the_group() {
    let _watch = Watch::new();
    alone("stops_at_the_group", || {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
        // A copy that any user can execute.
        let folder = Folder::new();
        let probe = folder.join("probe");
        std::fs::copy(PROBE, &probe).expect("a copy of the probe");
        let terminal = Terminal::new();
        let mut commands = 0;
        while commands < at_scale(200, 2_000) {
            for code in 0..5 {
                let check = command! { PROBE, args: ["check", code], status: code };
                assert_eq!(check.run().expect("it runs").status(), code);
            }
            command! { PROBE, args: ["check", 0], handshake }
                .spawn()
                .and_then(|waiting| waiting.proceed())
                .and_then(|child| child.wait())
                .expect("it runs");
            command! { PROBE, args: ["check", 0], daemonize }.run().expect("it starts");
            if is_root() {
                command! { &probe, args: ["check", 0], uid: 1234, gid: 1234, groups: [] }.run().expect("it runs");
            }
            commands += 8;
        }
        let stops = terminal.end();
        assert!(stops > 10, "{stops} stops");
        no_children();
    });
}

/// A process that stops and continues this group again and again.
struct Terminal {
    pid: libc::pid_t,
    /// One byte for each stop.
    said: PipeReader,
}

impl Terminal {
    fn new() -> Terminal {
        let (said, says) = std::io::pipe().expect("a pipe");
        let group = std::process::id() as libc::pid_t;
        // SAFETY: the child does nothing but system calls.
        let pid = unsafe { libc::fork() };
        assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
        if pid > 0 {
            return Terminal { pid, said };
        }
        let pause = libc::timespec { tv_sec: 0, tv_nsec: 2_000_000 };
        // SAFETY: takes no pointers.
        unsafe { libc::setpgid(0, 0) };
        loop {
            for signal in [libc::SIGTSTP, libc::SIGCONT] {
                // SAFETY: the group is the parent's, which kills this process before it exits.
                unsafe { libc::kill(-group, signal) };
                // SAFETY: the time is valid.
                unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
            }
            // SAFETY: one byte.
            unsafe { libc::write(says.as_raw_fd(), c".".as_ptr().cast(), 1) };
        }
    }

    /// The number of stops.
    fn end(mut self) -> usize {
        self.kill();
        let mut letters = String::new();
        self.said.read_to_string(&mut letters).expect("a letter for each");
        letters.len()
    }

    fn kill(&mut self) {
        // Nothing would continue this process after a last stop, so ignore SIGTSTP.
        // SAFETY: ignoring a signal runs no code.
        unsafe { libc::signal(libc::SIGTSTP, libc::SIG_IGN) };
        // SAFETY: a child that was not waited for.
        unsafe { libc::kill(self.pid, libc::SIGKILL) };
        // SAFETY: its status is not asked for.
        unsafe { libc::waitpid(self.pid, std::ptr::null_mut(), 0) };
        self.pid = 0;
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        if self.pid > 0 {
            self.kill();
        }
    }
}
