//! System calls on x86_64: number in `rax`, operands in `rdi rsi rdx r10 r8 r9`, result in `rax`. The kernel overwrites
//! `rcx` and `r11`.

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
            "syscall",
            inlateout("rax") number as isize => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// The operands of clone(2) in the order of this architecture: on x86_64 the address that the kernel clears when the
/// child releases its memory comes before the TLS.
pub(super) fn clone_operands([flags, stack, parent]: [usize; 3], cleared: usize) -> [usize; 5] {
    [flags, stack, parent, cleared, 0]
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
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r13",
            "call r12",
            "ud2",
            "2:",
            inlateout("rax") number as isize => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e,
            in("r12") entry, in("r13") std::ptr::from_ref(task),
            lateout("rcx") _, lateout("r11") _,
        );
    }
    returned
}

/// Kills this process with a signal.
pub(in crate::spawn) fn trap() -> ! {
    // SAFETY: the instruction raises a signal, so nothing after it is executed.
    unsafe { asm!("ud2", options(noreturn, nostack)) }
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
            "mov {0}, qword ptr [rip + __asan_init@GOTPCREL]",
            "mov {1}, qword ptr [rip + __tsan_init@GOTPCREL]",
            "mov {2}, qword ptr [rip + __msan_init@GOTPCREL]",
            out(reg) address, out(reg) thread, out(reg) memory,
            options(nostack, readonly, preserves_flags),
        );
    }
    [address, thread, memory]
}
