//! The same starts with std, other crates and libvirt.

use crate::libvirt::{Given, Libvirt};
use crate::measure::Contender;
use std::ffi::CStr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};
use subprocess::{Exec, Redirection};

/// Null streams, run to the end, by the peers that do not fork.
pub(crate) fn null(program: &Path) -> Vec<Contender<'_>> {
    let shell = xshell::Shell::new().expect("a shell");
    vec![
        Contender::new("std", move || assert!(std_null(program).status().expect("it runs").success())),
        Contender::new("duct", move || {
            duct::cmd(program, NONE).stdin_null().stdout_null().stderr_null().run().expect("it runs");
        }),
        Contender::new("xshell", move || {
            shell.cmd(program).quiet().ignore_stdout().ignore_stderr().run().expect("it runs");
        }),
    ]
}

/// Null streams by the peers that fork. They are measured apart: after a fork, writes to memory fault on copy-on-write
/// pages, and other contenders would pay for that.
pub(crate) fn null_by_copy<'a>(program: &'a Path, c_path: &'a CStr, libvirt: Option<Libvirt>) -> Vec<Contender<'a>> {
    let mut peers = vec![
        Contender::new("std hardened", move || {
            let mut command = std_null(program);
            // SAFETY: the closure makes system calls and nothing else.
            unsafe { command.pre_exec(harden) };
            assert!(command.status().expect("it runs").success());
        }),
        Contender::new("subprocess", move || {
            let exec = Exec::cmd(program).stdin(Redirection::Null).stdout(Redirection::Null);
            assert!(exec.stderr(Redirection::Null).join().expect("it runs").success());
        }),
    ];
    peers.extend(libvirt.map(|libvirt| Contender::new("libvirt", move || libvirt.run(c_path, Given::default()))));
    peers
}

const NONE: [&str; 0] = [];

pub(crate) fn std_null(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

/// The pre_exec closure of a careful user of std: closes descriptors and resets signals.
pub(crate) fn harden() -> std::io::Result<()> {
    // SAFETY: takes no pointers.
    unsafe { libc::syscall(libc::SYS_close_range, 3, u32::MAX, libc::CLOSE_RANGE_CLOEXEC) };
    for signal in (1..=64).filter(|signal| *signal != libc::SIGKILL && *signal != libc::SIGSTOP) {
        // SAFETY: the default action runs no code.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
    let mut none = std::mem::MaybeUninit::<libc::sigset_t>::uninit();
    // SAFETY: the set is initialized by the call.
    unsafe { libc::sigemptyset(none.as_mut_ptr()) };
    // SAFETY: the set is valid.
    unsafe { libc::sigprocmask(libc::SIG_SETMASK, none.as_ptr(), std::ptr::null_mut()) };
    Ok(())
}

/// The same, and drops every capability.
pub(crate) fn clear_caps() -> std::io::Result<()> {
    harden()?;
    for cap in 0..64 {
        // SAFETY: takes no pointers.
        unsafe { libc::prctl(libc::PR_CAPBSET_DROP, cap, 0, 0, 0) };
    }
    let header = [0x2008_0522_u32, 0];
    // SAFETY: both structures are as version 3 has them.
    unsafe { libc::syscall(libc::SYS_capset, header.as_ptr(), [0_u32; 6].as_ptr()) };
    Ok(())
}

/// Captures 100 bytes of each output. All but std and libvirt start threads.
pub(crate) fn captured<'a>(program: &'a Path, c_path: &'a CStr, libvirt: Option<Libvirt>) -> Vec<Contender<'a>> {
    let mut peers = vec![
        Contender::new("duct", move || {
            let output = duct::cmd(program, NONE).stdin_null().stdout_capture().stderr_capture().run();
            let output = output.expect("it runs");
            assert_eq!(output.stdout.len() + output.stderr.len(), 200);
        }),
        Contender::new("subprocess", move || {
            let exec = Exec::cmd(program).stdin(Redirection::Null).stdout(Redirection::Pipe).stderr(Redirection::Pipe);
            let output = exec.capture().expect("it runs");
            assert_eq!(output.stdout.len() + output.stderr.len(), 200);
        }),
    ];
    peers.extend(libvirt.map(|libvirt| Contender::new("libvirt", move || assert_eq!(libvirt.captured(c_path), 200))));
    peers
}
