//! aarch64: number in `x8`, operands in `x0` to `x5`, result in `x0`; the kernel keeps all other registers.

use crate::spawn::child::{Entry, Task};
use std::arch::asm;

/// # Safety
///
/// As for the system call itself.
#[inline(always)]
pub(in crate::spawn) unsafe fn syscall(
    number: i64,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> isize {
    let returned: isize;
    // SAFETY: the caller answers for the call; its effects on registers are declared.
    unsafe {
        asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") a => returned,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    returned
}

/// clone3(2) whose child calls `entry(task)` on its own stack and never comes back here.
///
/// # Safety
///
/// `arguments` name a stack of the child's own; `task` lives until the child has executed a program or exited; `entry`
/// keeps to raw system calls.
pub(in crate::spawn) unsafe fn clone3(arguments: &libc::clone_args, entry: Entry, task: &Task<'_>) -> isize {
    let returned: isize;
    // SAFETY: the parent's registers are as declared; the child begins on an empty stack, in a function that does not return.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x30, xzr",
            "mov x0, x22",
            "blr x21",
            "brk #1",
            "2:",
            in("x8") libc::SYS_clone3,
            inlateout("x0") std::ptr::from_ref(arguments) => returned,
            in("x1") size_of::<libc::clone_args>(),
            in("x21") entry, in("x22") std::ptr::from_ref(task),
        );
    }
    returned
}

/// As [`clone3`], by clone(2), whose last two operands are the other way round than on x86_64.
///
/// # Safety
///
/// As for [`clone3`]: `stack` is the upper end of a stack of the child's own.
pub(in crate::spawn) unsafe fn clone(
    flags: usize,
    stack: *mut u8,
    pidfd: *mut i32,
    entry: Entry,
    task: &Task<'_>,
) -> isize {
    let returned: isize;
    // SAFETY: the parent's registers are as declared; the child begins on an empty stack, in a function that does not return.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x30, xzr",
            "mov x0, x22",
            "blr x21",
            "brk #1",
            "2:",
            in("x8") libc::SYS_clone,
            inlateout("x0") flags => returned,
            in("x1") stack, in("x2") pidfd, in("x3") 0, in("x4") 0,
            in("x21") entry, in("x22") std::ptr::from_ref(task),
        );
    }
    returned
}
