//! A terminal stops the group of a process that starts commands.

use airtight::command;
use airtight_tests::{Folder, Watch, alone, at_scale, is_root, no_children};
use std::io::{PipeReader, Read};
use std::os::fd::AsRawFd;

const PROBE: &str = env!("CARGO_BIN_EXE_probe");

/// A terminal stops the whole group, at any moment of a start, and continues it.
#[test]
fn stops_at_the_group() {
    let _watch = Watch::new();
    alone("stops_at_the_group", || {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::setpgid(0, 0) }, 0);
        // Where any user can execute it.
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

/// A process that stops this group and continues it, again and again.
struct Terminal {
    pid: libc::pid_t,
    /// A letter comes for each stop.
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
                // SAFETY: the group is that of the parent, which ends this process before it ends.
                unsafe { libc::kill(-group, signal) };
                // SAFETY: the time is valid.
                unsafe { libc::nanosleep(&raw const pause, std::ptr::null_mut()) };
            }
            // SAFETY: one byte.
            unsafe { libc::write(says.as_raw_fd(), c".".as_ptr().cast(), 1) };
        }
    }

    /// How many stops there were.
    fn end(mut self) -> usize {
        self.kill();
        let mut letters = String::new();
        self.said.read_to_string(&mut letters).expect("a letter for each");
        letters.len()
    }

    fn kill(&mut self) {
        // The last stop would have nobody to continue what it stops.
        // SAFETY: no code is run by it.
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
