//! The lower bound: a start by the cheapest system calls, written by hand, which sets up only the state asked for.

use std::ffi::{CStr, c_char};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// State that the child sets up before exec.
#[derive(Clone, Copy, Default)]
pub(crate) struct State {
    /// Reset every signal to its default action, and unblock all.
    pub(crate) signals: bool,
    /// Unshare the descriptor table, and close everything from 3 up.
    pub(crate) descriptors: bool,
    /// The descriptors for stdin, stdout and stderr; `/dev/null` for `None`.
    pub(crate) streams: Option<[Option<RawFd>; 3]>,
}

struct Task<'a> {
    path: &'a CStr,
    argv: *const *const c_char,
    envp: *const *const c_char,
    state: State,
}

/// A child that has executed its program.
pub(crate) struct Child {
    pidfd: OwnedFd,
}

/// A stack that one child after the other uses.
pub(crate) struct Stack(Vec<u128>);

impl Stack {
    pub(crate) fn new() -> Stack {
        Stack(vec![0; 4096])
    }
}

const SHARED: u64 = (libc::CLONE_VM | libc::CLONE_VFORK | libc::CLONE_PIDFD) as u64;
const CLEAR_SIGHAND: u64 = 1 << 32;
const CLOSE_RANGE_UNSHARE: usize = 1 << 1;

/// Starts `path` without arguments, in the environment of `envp`.
pub(crate) fn start(stack: &mut Stack, path: &CStr, envp: &[*const c_char], state: State) -> Child {
    let argv = [path.as_ptr(), std::ptr::null()];
    let task = Task { path, argv: argv.as_ptr(), envp: envp.as_ptr(), state };
    let mut pidfd = -1;
    let files = if state.descriptors { libc::CLONE_FILES as u64 } else { 0 };
    let arguments = libc::clone_args {
        flags: SHARED | CLEAR_SIGHAND | files,
        pidfd: (&raw mut pidfd).addr() as u64,
        child_tid: 0,
        parent_tid: 0,
        exit_signal: 0,
        stack: stack.0.as_mut_ptr().addr() as u64,
        stack_size: size_of_val(stack.0.as_slice()) as u64,
        tls: 0,
        set_tid: 0,
        set_tid_size: 0,
        cgroup: 0,
    };
    let (all, mut before) = (u64::MAX, 0_u64);
    if state.signals {
        mask(&all, Some(&mut before));
    }
    // SAFETY: the child gets a stack of its own, and all that it reads lives until it has executed the program.
    let pid = unsafe { clone3(&arguments, &task) };
    if state.signals {
        mask(&before, None);
    }
    assert!(pid > 0, "clone3: {pid}");
    // SAFETY: the kernel has just opened it.
    Child { pidfd: unsafe { OwnedFd::from_raw_fd(pidfd) } }
}

/// Starts `path` with its last `N` streams at pipes, reads them to end of file, and returns the number of bytes read.
pub(crate) fn drained<const PIPES: usize>(
    stack: &mut Stack,
    path: &CStr,
    envp: &[*const c_char],
    state: State,
) -> usize {
    let pipes: [_; PIPES] = std::array::from_fn(|_| std::io::pipe().expect("a pipe"));
    let mut streams = [None; 3];
    for (stream, (_, end)) in streams.iter_mut().rev().zip(&pipes) {
        *stream = Some(end.as_raw_fd());
    }
    let child = start(stack, path, envp, State { streams: Some(streams), ..state });
    let readers = pipes.map(|(reader, _)| reader);
    let mut polled = std::array::from_fn::<_, PIPES, _>(|index| libc::pollfd {
        fd: readers[index].as_raw_fd(),
        events: libc::POLLIN,
        revents: 0,
    });
    let (mut buffer, mut total) = ([0_u8; 4096], 0);
    while polled.iter().any(|one| one.fd >= 0) {
        // SAFETY: the array is as long as said.
        unsafe { libc::poll(polled.as_mut_ptr(), PIPES as libc::nfds_t, -1) };
        for one in polled.iter_mut().filter(|one| one.fd >= 0 && one.revents != 0) {
            // SAFETY: the buffer is as long as said.
            let read = unsafe { libc::read(one.fd, buffer.as_mut_ptr().cast(), buffer.len()) };
            match usize::try_from(read) {
                Ok(read @ 1..) => total += read,
                _ => one.fd = -1,
            }
        }
    }
    child.wait();
    total
}

fn mask(set: &u64, before: Option<&mut u64>) {
    let before = before.map_or(0, |before| std::ptr::from_mut(before).addr());
    // SAFETY: both sets are valid.
    unsafe {
        syscall(libc::SYS_rt_sigprocmask, [libc::SIG_SETMASK as usize, std::ptr::from_ref(set).addr(), before, 8])
    };
}

impl Child {
    /// Waits for the child, and returns its exit code.
    pub(crate) fn wait(self) -> i32 {
        let mut info = std::mem::MaybeUninit::<libc::siginfo_t>::zeroed();
        let options = libc::WEXITED | libc::__WALL;
        // SAFETY: the structure is valid.
        let waited = unsafe { libc::waitid(libc::P_PIDFD, self.pidfd.as_raw_fd() as u32, info.as_mut_ptr(), options) };
        assert_eq!(waited, 0, "waitid");
        // SAFETY: zeroes are a valid value, and waitid(2) has filled it.
        let info = unsafe { info.assume_init() };
        // SAFETY: waitid(2) sets the fields of SIGCHLD.
        unsafe { info.si_status() }
    }
}

extern "C" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: the parent's, which is stopped.
    let task = unsafe { &*task };
    if task.state.signals {
        let default = [0_usize; 4];
        for signal in (1..=64).filter(|signal| *signal != libc::SIGKILL && *signal != libc::SIGSTOP) {
            // SAFETY: the action is valid.
            unsafe { syscall(libc::SYS_rt_sigaction, [signal as usize, default.as_ptr().addr(), 0, 8]) };
        }
    }
    if let Some(streams) = task.state.streams {
        let first = streams.iter().flatten().map(|fd| fd + 1).max().unwrap_or(3);
        if task.state.descriptors {
            // SAFETY: takes no pointers.
            unsafe { syscall(libc::SYS_close_range, [first as usize, u32::MAX as usize, CLOSE_RANGE_UNSHARE, 0]) };
        }
        let mut null = -1;
        for (number, stream) in streams.into_iter().enumerate() {
            let fd = match stream {
                Some(fd) => fd as isize,
                None => {
                    if null < 0 {
                        let path = c"/dev/null".as_ptr().addr();
                        let flags = (libc::O_RDWR | libc::O_CLOEXEC) as usize;
                        // SAFETY: the path is a C string.
                        null = unsafe { syscall(libc::SYS_openat, [libc::AT_FDCWD as usize, path, flags, 0]) };
                    }
                    null
                }
            };
            // SAFETY: takes no pointers.
            unsafe { syscall(libc::SYS_dup3, [fd as usize, number, 0, 0]) };
        }
        if task.state.descriptors && first > 3 {
            // SAFETY: takes no pointers.
            unsafe { syscall(libc::SYS_close_range, [3, first as usize, 0, 0]) };
        }
    }
    if task.state.signals {
        mask(&0, None);
    }
    // SAFETY: the path and both vectors live in the parent.
    unsafe { syscall(libc::SYS_execve, [task.path.as_ptr().addr(), task.argv.addr(), task.envp.addr(), 0]) };
    loop {
        // SAFETY: ends the child.
        unsafe { syscall(libc::SYS_exit_group, [127, 0, 0, 0]) };
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn syscall(number: i64, [a, b, c, d]: [usize; 4]) -> isize {
    let returned: isize;
    // SAFETY: the caller answers for the call.
    unsafe {
        std::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

#[cfg(target_arch = "x86_64")]
unsafe fn clone3(arguments: &libc::clone_args, task: &Task<'_>) -> isize {
    let returned: isize;
    // SAFETY: the child begins on an empty stack, in a function that does not return.
    unsafe {
        std::arch::asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "mov rdi, r13",
            "call r12",
            "ud2",
            "2:",
            inlateout("rax") libc::SYS_clone3 as isize => returned,
            in("rdi") std::ptr::from_ref(arguments), in("rsi") size_of::<libc::clone_args>(),
            in("r12") enter as extern "C" fn(*const Task<'_>) -> !, in("r13") std::ptr::from_ref(task),
            lateout("rcx") _, lateout("r11") _,
        );
    }
    returned
}

#[cfg(target_arch = "aarch64")]
#[inline(always)]
unsafe fn syscall(number: i64, [a, b, c, d]: [usize; 4]) -> isize {
    let returned: isize;
    // SAFETY: the caller answers for the call.
    unsafe {
        std::arch::asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") a as isize => returned,
            in("x1") b, in("x2") c, in("x3") d,
            options(nostack),
        );
    }
    returned
}

#[cfg(target_arch = "aarch64")]
unsafe fn clone3(arguments: &libc::clone_args, task: &Task<'_>) -> isize {
    let returned: isize;
    // SAFETY: the child begins on an empty stack, in a function that does not return.
    unsafe {
        std::arch::asm!(
            "svc 0",
            "cbnz x0, 2f",
            "mov x0, x21",
            "blr x20",
            "brk 1",
            "2:",
            in("x8") libc::SYS_clone3,
            inlateout("x0") std::ptr::from_ref(arguments) as isize => returned,
            in("x1") size_of::<libc::clone_args>(),
            in("x20") enter as extern "C" fn(*const Task<'_>) -> !, in("x21") std::ptr::from_ref(task),
        );
    }
    returned
}
