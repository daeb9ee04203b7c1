//! System calls on aarch64: number in `x8`, operands in `x0` to `x5`, result in `x0`. The kernel preserves all other
//! registers.

use super::EntryPoint;
use std::arch::asm;

/// # Safety
///
/// Those of the system call itself.
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
    // SAFETY: the caller upholds the requirements of the call, and all changed registers are declared.
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

/// The operands of clone(2) in the order of this architecture: on aarch64 the TLS comes before the address that the
/// kernel clears when the child releases its memory.
pub(super) fn clone_operands([flags, stack, parent]: [usize; 3], cleared: usize) -> [usize; 5] {
    [flags, stack, parent, 0, cleared]
}

/// Makes a clone call. The child calls `entry(task)` on its own stack, and never returns here.
///
/// # Safety
///
/// The operands must give the child its own stack, aligned for `entry`. `task` must live until the child has executed a
/// program or exited.
#[inline(always)]
pub(super) unsafe fn clone_call<T>(number: i64, operands: [usize; 5], entry: EntryPoint<T>, task: &T) -> isize {
    let [a, b, c, d, e] = operands;
    let returned: isize;
    // SAFETY: the registers that change in the parent are declared. The child starts on an empty stack in a function
    // that never returns.
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
            in("x8") number,
            inlateout("x0") a => returned,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e,
            in("x21") entry, in("x22") std::ptr::from_ref(task),
        );
    }
    returned
}

/// Kills this process with a signal.
pub(in crate::spawn) fn trap() -> ! {
    // SAFETY: the instruction raises a signal, so nothing after it is executed.
    unsafe { asm!("brk #1", options(noreturn, nostack)) }
}

/// The addresses of the run-time libraries of the address, thread and memory sanitizers; 0 for one that is not linked.
/// A weak symbol needs no definition.
pub(in crate::spawn) fn sanitizers() -> [usize; 3] {
    let (address, thread, memory);
    // SAFETY: reads three entries of the global offset table.
    unsafe {
        asm!(
            ".weak __asan_init",
            ".weak __tsan_init",
            ".weak __msan_init",
            "adrp {0}, :got:__asan_init",
            "ldr {0}, [{0}, :got_lo12:__asan_init]",
            "adrp {1}, :got:__tsan_init",
            "ldr {1}, [{1}, :got_lo12:__tsan_init]",
            "adrp {2}, :got:__msan_init",
            "ldr {2}, [{2}, :got_lo12:__msan_init]",
            out(reg) address, out(reg) thread, out(reg) memory,
            options(nostack, readonly, preserves_flags),
        );
    }
    [address, thread, memory]
}
