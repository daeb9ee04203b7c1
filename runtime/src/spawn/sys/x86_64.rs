//! x86_64: number in `rax`, operands in `rdi rsi rdx r10 r8 r9`; the kernel overwrites `rcx` and `r11`.

use super::Entry;
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
            "syscall",
            inlateout("rax") number as isize => returned,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    returned
}

/// Where clone(2) takes the address that it clears when the child lets go of its memory: x86_64 has it before the TLS.
pub(super) fn clone_operands([flags, stack, parent]: [usize; 3], cleared: usize) -> [usize; 5] {
    [flags, stack, parent, cleared, 0]
}

/// A clone call whose child calls `entry(task)` on its own stack and never comes back here.
///
/// # Safety
///
/// The operands give the child a stack of its own, as `entry` is to find it; `task` lives until the child has executed a
/// program or exited.
#[inline(always)]
pub(super) unsafe fn clone_call<T>(number: i64, operands: [usize; 5], entry: Entry<T>, task: &T) -> isize {
    let [a, b, c, d, e] = operands;
    let returned: isize;
    // SAFETY: the parent's registers are as declared; the child begins on an empty stack, in a function that does not
    // return.
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

/// Ends this process with a signal.
pub(in crate::spawn) fn trap() -> ! {
    // SAFETY: nothing is executed behind it.
    unsafe { asm!("ud2", options(noreturn, nostack)) }
}

/// Where the run times of the sanitizers of addresses, of threads and of memory begin; 0 where one is not linked: a weak
/// symbol needs no definition.
pub(in crate::spawn) fn sanitizers() -> [usize; 3] {
    let (address, thread, memory);
    // SAFETY: reads three entries of the table of global offsets.
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
