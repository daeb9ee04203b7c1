//! System calls without libc: no errno, no lock, nothing that a child which shares the parent's memory could disturb.

#[cfg_attr(target_arch = "x86_64", path = "x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "aarch64.rs")]
mod arch;

#[cfg(not(all(target_os = "linux", any(target_arch = "x86_64", target_arch = "aarch64"))))]
compile_error!("airtight runs on Linux, on x86_64 and aarch64");

pub(super) use arch::{sanitizers, syscall, trap};

/// `sys!(NAME, operands…)`: the system call `SYS_NAME`, up to six operands.
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

/// What a system call that failed returned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Failed(pub(super) i32);

/// The result of a system call: the kernel returns a small negative number for an errno.
#[inline(always)]
pub(super) fn result(returned: isize) -> Result<usize, Failed> {
    if (-4095..0).contains(&returned) { Err(Failed(returned.wrapping_neg() as i32)) } else { Ok(returned as usize) }
}

/// Where the child begins. Nothing in it unwinds, and so nothing stands ready to catch that: it would call std's panic.
pub(super) type Entry<T> = unsafe extern "C-unwind" fn(*const T) -> !;

/// clone3(2): the child calls `entry(task)`.
///
/// # Safety
///
/// `arguments` name a stack of the child's own; `task` lives until the child has executed a program or exited; where
/// memory is shared, `entry` keeps to raw system calls.
pub(super) unsafe fn clone3<T>(arguments: &libc::clone_args, entry: Entry<T>, task: &T) -> isize {
    let operands = [std::ptr::from_ref(arguments).expose_provenance(), size_of::<libc::clone_args>(), 0, 0, 0];
    // SAFETY: as the caller promises.
    unsafe { arch::clone_call(libc::SYS_clone3, operands, entry, task) }
}

/// clone(2): the child calls `entry(task)`. `told` is for CLONE_PIDFD or CLONE_PARENT_SETTID, `cleared` for
/// CLONE_CHILD_CLEARTID.
///
/// # Safety
///
/// As for [`clone3`]: `stack` is the upper end of a stack of the child's own.
pub(super) unsafe fn clone<T>(
    flags: i32,
    stack: *mut u8,
    told: *mut i32,
    cleared: *mut i32,
    entry: Entry<T>,
    task: &T,
) -> isize {
    let first = [flags as usize, stack.expose_provenance(), told.expose_provenance()];
    let operands = arch::clone_operands(first, cleared.expose_provenance());
    // SAFETY: as the caller promises.
    unsafe { arch::clone_call(libc::SYS_clone, operands, entry, task) }
}

/// Ends this process, by a trap where a filter refuses its end.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: ends the child, which is a process of its own.
    let _ = unsafe { sys!(SYS_exit_group, code) };
    trap()
}
