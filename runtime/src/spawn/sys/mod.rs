//! System calls without libc. They do not set errno or take a lock, so a child that shares the parent's memory can make
//! them.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod arch;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("airtight runs on Linux, on x86_64 and aarch64");

pub(super) use arch::{sanitizers, syscall, trap};

/// `sys!(SYS_name, operands…)` makes the system call `name` with up to four operands. `sys!(@ SYS_name, operands…)`
/// takes all six.
macro_rules! sys {
    ($number:ident) => { sys!(@ $number, 0, 0, 0, 0, 0, 0) };
    ($number:ident, $a:expr) => { sys!(@ $number, $a, 0, 0, 0, 0, 0) };
    ($number:ident, $a:expr, $b:expr) => { sys!(@ $number, $a, $b, 0, 0, 0, 0) };
    ($number:ident, $a:expr, $b:expr, $c:expr) => { sys!(@ $number, $a, $b, $c, 0, 0, 0) };
    ($number:ident, $a:expr, $b:expr, $c:expr, $d:expr) => { sys!(@ $number, $a, $b, $c, $d, 0, 0) };
    (@ $number:ident, $a:expr, $b:expr, $c:expr, $d:expr, $e:expr, $f:expr) => {
        $crate::spawn::sys::result($crate::spawn::sys::syscall(
            libc::$number, $a as usize, $b as usize, $c as usize, $d as usize, $e as usize, $f as usize,
        ))
    };
}
pub(super) use sys;

/// The errno of a system call that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed(pub(super) i32);

/// The result of a system call. The kernel returns an errno as a small negative number.
#[inline(always)]
pub(super) fn result(returned: isize) -> Result<usize, Failed> {
    if (-4095..0).contains(&returned) { Err(Failed(returned.wrapping_neg() as i32)) } else { Ok(returned as usize) }
}

/// The first function of a child. Nothing in it unwinds. The ABI `C-unwind` omits the code that would abort on
/// unwinding, which calls std's panic machinery.
pub(super) type EntryPoint<T> = unsafe extern "C-unwind" fn(*const T) -> !;

/// Calls clone3(2). The child calls `entry(task)`.
///
/// # Safety
///
/// `arguments` must name a stack that only the child uses. `task` must live until the child has executed a program or
/// exited. If memory is shared, `entry` must make raw system calls only.
pub(super) unsafe fn clone3<T>(arguments: &libc::clone_args, entry: EntryPoint<T>, task: &T) -> isize {
    let operands = [std::ptr::from_ref(arguments).expose_provenance(), size_of::<libc::clone_args>(), 0, 0, 0];
    // SAFETY: the caller upholds the requirements of `clone_call`.
    unsafe { arch::clone_call(libc::SYS_clone3, operands, entry, task) }
}

/// Calls clone(2). The child calls `entry(task)`. `told` is for CLONE_PIDFD or CLONE_PARENT_SETTID, `cleared` for
/// CLONE_CHILD_CLEARTID.
///
/// # Safety
///
/// Those of [`clone3`]. `stack` must be the upper end of a stack that only the child uses.
pub(super) unsafe fn clone<T>(
    flags: i32,
    stack: *mut u8,
    told: *mut i32,
    cleared: *mut i32,
    entry: EntryPoint<T>,
    task: &T,
) -> isize {
    let first = [flags as usize, stack.expose_provenance(), told.expose_provenance()];
    let operands = arch::clone_operands(first, cleared.expose_provenance());
    // SAFETY: the caller upholds the requirements of `clone_call`.
    unsafe { arch::clone_call(libc::SYS_clone, operands, entry, task) }
}

/// Ends this process. If a seccomp filter refuses exit_group, a trap kills it.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: exit_group takes no pointers, and ends the child, which is a process of its own.
    let _ = unsafe { sys!(SYS_exit_group, code) };
    trap()
}
