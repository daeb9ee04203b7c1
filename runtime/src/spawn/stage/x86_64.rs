//! The code of the stage on x86_64. It finds the program's argv and environ on its stack, and the record behind itself.

use std::arch::naked_asm;

/// In the ELF header.
pub(super) const MACHINE: u16 = 62;

/// Never called: its bytes are copied. `r13` argv, `r12` environ, `r14` the record, `r15` the entry.
#[unsafe(naked)]
pub(super) unsafe extern "C" fn code() -> ! {
    naked_asm!(
        "2:",
        "mov rax, [rsp]",
        "lea r13, [rsp + 8]",
        "lea r12, [r13 + rax*8 + 8]",
        "lea r14, [rip + 8f]",
        "mov r15, [r14 + 16]",
        "3:",
        "mov rax, [r15]",
        "test rax, rax",
        "js 6f",
        "mov rdi, [r15 + 8]",
        "mov rsi, [r15 + 16]",
        "mov rdx, [r15 + 24]",
        "mov r10, [r15 + 32]",
        "mov r8, [r15 + 40]",
        "xor r9d, r9d",
        "syscall",
        "cmp rax, -4095",
        "jae 7f",
        // What it is to return, -1 for anything.
        "mov rcx, [r15 + 48]",
        "cmp rcx, -1",
        "je 4f",
        "cmp rax, rcx",
        "jne 5f",
        "4:",
        "add r15, 64",
        "jmp 3b",
        "5:",
        "mov eax, -{esrch}",
        "jmp 7f",
        "6:",
        "mov eax, {execve}",
        "mov rdi, [r14 + 8]",
        "mov rsi, r13",
        "mov rdx, r12",
        "syscall",
        // The report: step, errno, operand.
        "7:",
        "neg eax",
        "mov ecx, [r15 + 56]",
        "mov edx, [r15 + 60]",
        "sub rsp, 16",
        "mov [rsp], ecx",
        "mov [rsp + 4], eax",
        "mov [rsp + 8], edx",
        "mov edi, [r14]",
        "mov rsi, rsp",
        "mov edx, 12",
        "mov eax, {write}",
        "syscall",
        "mov edi, 127",
        "mov eax, {exit_group}",
        "syscall",
        "ud2",
        ".org 2b + {length}",
        "8:",
        esrch = const libc::ESRCH,
        execve = const libc::SYS_execve,
        write = const libc::SYS_write,
        exit_group = const libc::SYS_exit_group,
        length = const super::CODE,
    )
}
