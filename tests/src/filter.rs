//! Makes system calls of this process fail, as an old kernel or a container's seccomp filter does.

use std::mem::offset_of;

/// A refused system call.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// Its number.
    pub call: i64,
    /// Refuse only calls with this operand.
    pub operand: Option<Operand>,
    /// The errno that the call returns.
    pub errno: i32,
}

/// A condition on an operand, counted from 0.
#[derive(Clone, Copy, Debug)]
pub enum Operand {
    /// It has one of these bits set.
    Has(usize, u32),
    /// It equals this.
    Is(usize, u32),
}

/// Installs a seccomp filter for the rest of this process and for its children. Sets no_new_privs, so that an
/// unprivileged process may do so.
pub fn refuse(calls: &[Refused]) {
    // SAFETY: takes no pointers.
    assert_eq!(unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) }, 0, "no_new_privs");
    refuse_as_root(calls);
}

/// As [`refuse`], but needs CAP_SYS_ADMIN and leaves no_new_privs unset.
pub fn refuse_as_root(calls: &[Refused]) {
    let mut program = vec![load(offset_of!(libc::seccomp_data, nr))];
    for refused in calls {
        let number = u32::try_from(refused.call).expect("the number of a system call");
        match refused.operand {
            None => {
                program.push(jump(libc::BPF_JEQ, number, 0, 1));
                program.push(answer(refused.errno));
            }
            Some(operand) => {
                let (index, test, value) = match operand {
                    Operand::Has(index, bits) => (index, libc::BPF_JSET, bits),
                    Operand::Is(index, value) => (index, libc::BPF_JEQ, value),
                };
                program.push(jump(libc::BPF_JEQ, number, 0, 4));
                // The low half of an argument comes first: both supported machines are little-endian.
                program.push(load(offset_of!(libc::seccomp_data, args) + 8 * index));
                program.push(jump(test, value, 0, 1));
                program.push(answer(refused.errno));
                program.push(load(offset_of!(libc::seccomp_data, nr)));
            }
        }
    }
    program.push(statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ALLOW));
    let filter = libc::sock_fprog { len: program.len() as u16, filter: program.as_mut_ptr() };
    // SAFETY: the program lives until the call returns.
    let installed = unsafe { libc::syscall(libc::SYS_seccomp, libc::SECCOMP_SET_MODE_FILTER, 0, &raw const filter) };
    assert_eq!(installed, 0, "seccomp: {}", std::io::Error::last_os_error());
}

fn statement(code: u32, k: u32) -> libc::sock_filter {
    libc::sock_filter { code: code as u16, jt: 0, jf: 0, k }
}

fn load(offset: usize) -> libc::sock_filter {
    statement(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset as u32)
}

fn jump(kind: u32, k: u32, jt: u8, jf: u8) -> libc::sock_filter {
    libc::sock_filter { code: (libc::BPF_JMP | kind | libc::BPF_K) as u16, jt, jf, k }
}

fn answer(errno: i32) -> libc::sock_filter {
    statement(libc::BPF_RET | libc::BPF_K, libc::SECCOMP_RET_ERRNO | errno as u32)
}
