//! The code of the stage on aarch64. It finds the program's argv and environ on its stack, and the record behind itself.

use std::arch::naked_asm;

/// In the ELF header.
pub(super) const MACHINE: u16 = 183;

/// Never called: its bytes are copied. `x21` argv, `x20` environ, `x22` the record, `x23` the entry.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn code() -> ! {
    naked_asm!(
        "2:",
        "ldr x20, [sp]",
        "add x21, sp, #8",
        "add x20, x21, x20, lsl #3",
        "add x20, x20, #8",
        "adr x22, 8f",
        "ldr x23, [x22, #16]",
        "3:",
        "ldr x8, [x23]",
        "tbnz x8, #63, 6f",
        "ldp x0, x1, [x23, #8]",
        "ldp x2, x3, [x23, #24]",
        "ldr x4, [x23, #40]",
        "mov x5, xzr",
        "svc #0",
        "cmn x0, #4095",
        "b.hs 7f",
        // What it is to return, -1 for anything.
        "ldr x9, [x23, #48]",
        "cmn x9, #1",
        "b.eq 4f",
        "cmp x0, x9",
        "b.ne 5f",
        "4:",
        "add x23, x23, #64",
        "b 3b",
        "5:",
        "mov x0, #-{esrch}",
        "b 7f",
        "6:",
        "ldr x0, [x22, #8]",
        "mov x1, x21",
        "mov x2, x20",
        "mov x8, #{execve}",
        "svc #0",
        // The report: step, errno, operand.
        "7:",
        "neg w9, w0",
        "ldp w10, w11, [x23, #56]",
        "sub sp, sp, #16",
        "stp w10, w9, [sp]",
        "str w11, [sp, #8]",
        "ldr w0, [x22]",
        "mov x1, sp",
        "mov x2, #12",
        "mov x8, #{write}",
        "svc #0",
        "mov x0, #127",
        "mov x8, #{exit_group}",
        "svc #0",
        "brk #1",
        ".org 2b + {length}",
        "8:",
        esrch = const libc::ESRCH,
        execve = const libc::SYS_execve,
        write = const libc::SYS_write,
        exit_group = const libc::SYS_exit_group,
        length = const super::CODE,
    )
}
