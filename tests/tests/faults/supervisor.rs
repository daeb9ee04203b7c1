//! A process whose system calls, and those of its children, are decided here: let through, made to fail, or emulated.
//! See seccomp_unotify(2).

use libc::{c_int, c_long};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

/// A system call that waits for a decision.
pub(crate) struct Call {
    pub(crate) number: i64,
    pub(crate) operands: [u64; 6],
    pub(crate) pid: i32,
    /// Made by the process that starts the command, not by one of its children.
    pub(crate) by_parent: bool,
}

pub(crate) enum Answer {
    /// Let the kernel execute it.
    Continue,
    /// Fail with this errno, without executing it.
    Fail(i32),
    /// Return this, without executing it.
    Return(i64),
    /// Return a descriptor of this file instead.
    Give(File),
}

/// The end of a supervised process.
pub(crate) struct Ended {
    /// The text that its body returned.
    pub(crate) said: String,
    /// It did not end in time, or one of its children did not.
    pub(crate) hung: bool,
}

/// The descriptor for the body's result: writes to it bypass the supervisor.
const SAYS: c_int = 900;
/// An operand of getppid, which ignores it: marks the begin and the end of the command for the supervisor.
const MARK: u64 = 0x6d61_726b;
/// Longer than any start, even in an emulated machine, where each call takes twice the round trips.
const TIME: Duration = Duration::from_secs(30);

/// Called in a body: the command begins or ends here.
pub(crate) fn mark() {
    // SAFETY: getppid takes no operands, and passes over this one.
    unsafe { libc::syscall(libc::SYS_getppid, MARK) };
}

/// Runs `body` in a process of its own; `answer` decides on each call between two [`mark`]s.
pub(crate) fn supervise(body: impl FnOnce() -> String, answer: &mut dyn FnMut(&Call) -> Answer) -> Ended {
    let (mut says, said) = std::io::pipe().expect("a pipe");
    std::io::stdout().flush().expect("stdout");
    // SAFETY: this program has one thread.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork: {}", std::io::Error::last_os_error());
    if pid == 0 {
        drop(says);
        // SAFETY: a number that nothing uses.
        assert_eq!(unsafe { libc::dup3(said.as_raw_fd(), SAYS, libc::O_CLOEXEC) }, SAYS);
        drop(said);
        perform(body);
    }
    drop(said);
    let mut number = [0; 4];
    says.read_exact(&mut number).expect("the listener's number");
    let listener = fetch(pid, i32::from_ne_bytes(number));
    let hung = serve(pid, &listener, answer);
    drop(listener);
    let mut text = String::new();
    if !hung {
        says.read_to_string(&mut text).expect("what the process said");
    }
    Ended { said: text, hung }
}

/// In the supervised process: installs the filter, runs the body, exits.
fn perform(body: impl FnOnce() -> String) -> ! {
    // SAFETY: takes no pointers. Without the supervisor none of its calls would return, not even exit.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
    let listener = install();
    let say = |text: &[u8]| {
        // SAFETY: the text is as long as said.
        unsafe { libc::write(SAYS, text.as_ptr().cast(), text.len()) };
    };
    say(&listener.to_ne_bytes());
    // The supervisor duplicates the listener before it answers this call; the duplicate does not show up in this
    // process.
    mark();
    mark();
    // SAFETY: just opened.
    unsafe { libc::close(listener) };
    let text = catch_unwind(AssertUnwindSafe(body)).unwrap_or_else(|_| "panic".to_owned());
    say(text.as_bytes());
    // SAFETY: ends this copy of the process without its parent's ends.
    unsafe { libc::_exit(0) }
}

/// Installs a filter that asks the supervisor about every call except close and writes to [`SAYS`].
fn install() -> c_int {
    let statement = |code: u32, k: u32| libc::sock_filter { code: code as u16, jt: 0, jf: 0, k };
    let jump = |k: u32, jt: u8, jf: u8| libc::sock_filter {
        code: (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16,
        jt,
        jf,
        k,
    };
    let load = libc::BPF_LD | libc::BPF_W | libc::BPF_ABS;
    let mut program = [
        statement(load, std::mem::offset_of!(libc::seccomp_data, nr) as u32),
        // A child closes up to a million numbers where it cannot list the open ones.
        jump(libc::SYS_close as u32, 3, 0),
        jump(libc::SYS_write as u32, 0, 3),
        statement(load, std::mem::offset_of!(libc::seccomp_data, args) as u32),
        jump(SAYS as u32, 0, 1),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW),
        statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_USER_NOTIF),
    ];
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    if !airtight_tests::is_root() {
        // SAFETY: takes no pointers.
        assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0);
    }
    let (mode, flags) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER);
    // SAFETY: the program lives until the call returns.
    let listener = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const filter) };
    assert!(listener >= 0, "seccomp: {}", std::io::Error::last_os_error());
    listener as c_int
}

/// Duplicates a descriptor of another process.
fn fetch(pid: i32, number: c_int) -> OwnedFd {
    // SAFETY: takes no pointers.
    let pidfd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    // SAFETY: takes no pointers.
    let fetched = unsafe { libc::syscall(libc::SYS_pidfd_getfd, pidfd, number, 0) };
    assert!(fetched >= 0, "pidfd_getfd: {}", std::io::Error::last_os_error());
    // SAFETY: just opened.
    unsafe { libc::close(pidfd as c_int) };
    // SAFETY: just opened, and nothing else owns it.
    unsafe { OwnedFd::from_raw_fd(fetched as c_int) }
}

/// SECCOMP_IOCTL_NOTIF_RECV, _SEND and _ADDFD of linux/seccomp.h, and a flag of the last one.
const RECEIVE: c_long = 0xc050_2100;
const SEND: c_long = 0xc018_2101;
const ADD_DESCRIPTOR: c_long = 0x4018_2103;
const AND_SEND: u32 = 2;

/// `struct seccomp_notif_addfd`.
#[repr(C)]
struct AddDescriptor {
    id: u64,
    flags: u32,
    from: u32,
    to: u32,
    to_flags: u32,
}

/// Decides on calls until the process and all its children are gone. Returns whether they had to be killed.
fn serve(parent: i32, listener: &OwnedFd, answer: &mut dyn FnMut(&Call) -> Answer) -> bool {
    let begun = Instant::now();
    let (mut inside, mut all, mut gone) = (false, BTreeSet::from([parent]), false);
    loop {
        let mut polled = libc::pollfd { fd: listener.as_raw_fd(), events: libc::POLLIN, revents: 0 };
        // SAFETY: one structure.
        unsafe { libc::poll(&raw mut polled, 1, if gone { 0 } else { 20 }) };
        if polled.revents & libc::POLLIN != 0
            && let Some((id, call)) = receive(listener, parent)
        {
            all.insert(call.pid);
            if call.number == libc::SYS_getppid && call.operands[0] == MARK {
                inside = !inside;
                reply(listener, id, &Answer::Continue);
            } else {
                let answer = if inside { answer(&call) } else { Answer::Continue };
                reply(listener, id, &answer);
            }
        }
        match reap_all() {
            Left::Nobody => return false,
            Left::Some => gone |= polled.revents & libc::POLLHUP != 0,
        }
        if begun.elapsed() > TIME {
            for pid in &all {
                // SAFETY: a child of this process, which is the subreaper and reaps only here: the pid is not reused.
                unsafe { libc::kill(*pid, libc::SIGKILL) };
            }
            while !matches!(reap_all(), Left::Nobody) {
                std::thread::sleep(Duration::from_millis(1));
            }
            return true;
        }
    }
}

enum Left {
    Nobody,
    Some,
}

/// Reaps the process and the orphans that this process has adopted.
fn reap_all() -> Left {
    loop {
        // SAFETY: asks for any child; this program has no others.
        match unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG | libc::__WALL) } {
            -1 => return Left::Nobody,
            0 => return Left::Some,
            _ => {}
        }
    }
}

fn receive(listener: &OwnedFd, parent: i32) -> Option<(u64, Call)> {
    let mut asked = std::mem::MaybeUninit::<libc::seccomp_notif>::zeroed();
    // SAFETY: the structure is the kernel's, zeroed as it requires. The call fails if the caller was killed meanwhile.
    if unsafe { libc::ioctl(listener.as_raw_fd(), RECEIVE as _, asked.as_mut_ptr()) } != 0 {
        return None;
    }
    // SAFETY: the kernel has filled it.
    let asked = unsafe { asked.assume_init() };
    let (number, pid) = (i64::from(asked.data.nr), asked.pid as i32);
    Some((asked.id, Call { number, operands: asked.data.args, pid, by_parent: pid == parent }))
}

fn reply(listener: &OwnedFd, id: u64, answer: &Answer) {
    let (val, error, flags) = match answer {
        Answer::Continue => (0, 0, libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32),
        &Answer::Fail(errno) => (0, -errno, 0),
        &Answer::Return(value) => (value, 0, 0),
        Answer::Give(from) => {
            let (from, to_flags) = (from.as_raw_fd() as u32, libc::O_CLOEXEC as u32);
            let added = AddDescriptor { id, flags: AND_SEND, from, to: 0, to_flags };
            // SAFETY: the structure is as the kernel has it.
            let sent = unsafe { libc::ioctl(listener.as_raw_fd(), ADD_DESCRIPTOR as _, &raw const added) };
            let error = std::io::Error::last_os_error();
            // The caller was killed meanwhile.
            assert!(sent >= 0 || error.raw_os_error() == Some(libc::ENOENT), "adding a descriptor: {error}");
            return;
        }
    };
    let mut response = libc::seccomp_notif_resp { id, val, error, flags };
    // SAFETY: the structure is valid. The call fails if the caller was killed meanwhile.
    unsafe { libc::ioctl(listener.as_raw_fd(), SEND as _, &raw mut response) };
}

/// The string at an address of a process that waits for a decision.
pub(crate) fn text_at(pid: i32, address: u64) -> String {
    const PAGE: usize = 4096;
    let (mut text, mut address) = (Vec::new(), address as usize);
    // Page by page: the page after the string may be unmapped.
    while !text.contains(&0) && text.len() < PAGE {
        let mut bytes = [0; PAGE];
        let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: PAGE };
        let base = std::ptr::with_exposed_provenance_mut(address);
        let remote = libc::iovec { iov_base: base, iov_len: PAGE - address % PAGE };
        // SAFETY: the vectors are valid; what is read is copied.
        let read = unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
        let Some(read) = usize::try_from(read).ok().filter(|read| *read > 0) else { break };
        text.extend_from_slice(&bytes[..read]);
        address += read;
    }
    let end = text.iter().position(|byte| *byte == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}

/// Sends a signal to the waiting caller, and then SIGCONT, in case the signal has stopped it.
pub(crate) fn signal(call: &Call, signal: c_int) {
    for signal in [signal, libc::SIGCONT] {
        // SAFETY: a process of this supervisor's, which was not reaped.
        unsafe { libc::kill(call.pid, signal) };
    }
}

/// Makes this process the subreaper: it adopts the orphans of its children.
pub(crate) fn take_in_orphans() {
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) }, 0);
}

/// The process of the thread that makes a call.
pub(crate) fn process_of(call: &Call) -> i32 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", call.pid)).unwrap_or_default();
    let process = status.lines().find_map(|line| line.strip_prefix("Tgid:")?.trim().parse().ok());
    process.unwrap_or(call.pid)
}
