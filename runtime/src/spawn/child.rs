//! What the child does between clone and exec, step by step.
//!
//! It shares the parent's memory: raw system calls only, no allocation, no lock, no errno, nothing that could panic or
//! unwind. Everything it needs was computed in the parent.

use super::close;
use super::report::{MESSAGE, Report};
use super::signals;
use super::sys::{Failed, sys};
use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::Move;
use std::ffi::c_char;
use std::os::fd::RawFd;

/// Where the child begins.
pub(super) type Entry = unsafe extern "C" fn(*const Task<'_>) -> !;

/// What the child is told.
pub(super) struct Task<'a> {
    report: &'a Report,
    /// The pipe beside the report, or -1.
    report_fd: RawFd,
    path: *const c_char,
    argv: *const *const c_char,
    envp: *const *const c_char,
    /// The mask, or -1.
    umask: i32,
    /// The directory, or null.
    cwd: *const c_char,
    sources: &'a [RawFd],
    targets: &'a [RawFd],
    moves: &'a [Move],
    /// Where `/dev/null` is to be, or -1.
    null_at: RawFd,
}

impl<'a> Task<'a> {
    pub(super) fn new(plan: &'a Plan<'_>, report: &'a Report) -> Task<'a> {
        Task {
            report,
            report_fd: -1,
            path: plan.path.as_ptr(),
            argv: plan.vectors.argv(),
            envp: plan.vectors.envp(),
            umask: plan.umask.map_or(-1, |mask| mask as i32),
            cwd: plan.cwd.map_or(std::ptr::null(), std::ffi::CStr::as_ptr),
            sources: &plan.descriptors.sources,
            targets: &plan.descriptors.targets,
            moves: &plan.descriptors.moves,
            null_at: plan.descriptors.null_at.unwrap_or(-1),
        }
    }

    /// Reports through a pipe as well, which is kept open until exec closes it.
    pub(super) fn report_through(&mut self, fd: RawFd, sources: &'a [RawFd], targets: &'a [RawFd]) {
        self.report_fd = fd;
        self.sources = sources;
        self.targets = targets;
    }
}

/// A step that failed in the child.
pub(super) struct Fault {
    pub(super) step: Step,
    pub(super) errno: i32,
    pub(super) operand: RawFd,
}

impl Fault {
    #[inline(always)]
    pub(super) fn new(step: Step, failed: Failed, operand: RawFd) -> Fault {
        Fault { step, errno: failed.0, operand }
    }
}

/// The first function of the child, on its own stack.
///
/// # Safety
///
/// Called by the clone calls alone, with a task that outlives the child's stay in the parent's memory.
pub(super) unsafe extern "C" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: the parent handed over a valid task, and VFORK keeps it alive.
    let task = unsafe { &*task };
    if let Err(fault) = steps(task) {
        task.report.write(&fault);
        if task.report_fd >= 0 {
            let message = [fault.step as u32, fault.errno as u32, fault.operand as u32];
            // SAFETY: the message is 12 bytes long; a pipe takes so few at once.
            let _ = unsafe { sys!(SYS_write, task.report_fd, message.as_ptr(), MESSAGE) };
        }
    }
    loop {
        // SAFETY: ends the child, which is a process of its own.
        let _ = unsafe { sys!(SYS_exit_group, 127) };
    }
}

/// The same steps without a child: for `exec`.
pub(super) fn replace(task: &Task<'_>) -> Fault {
    match steps(task) {
        Err(fault) => fault,
        // execve(2) returns only when it has failed.
        Ok(()) => Fault { step: Step::Exec, errno: libc::EIO, operand: 0 },
    }
}

/// Returns only if a step failed.
#[inline(always)]
fn steps(task: &Task<'_>) -> Result<(), Fault> {
    signals::reset_actions()?;
    umask(task);
    close::leave_parents_table(task.sources)?;
    if task.null_at >= 0 {
        open_null(task.null_at)?;
    }
    for step in task.moves {
        move_descriptor(*step)?;
    }
    close::close_around(task.targets)?;
    chdir(task)?;
    signals::unblock()?;
    exec(task)
}

#[inline(always)]
fn umask(task: &Task<'_>) {
    if task.umask >= 0 {
        // SAFETY: the mask is the child's own, and the call cannot fail.
        let _ = unsafe { sys!(SYS_umask, task.umask) };
    }
}

/// Opens `/dev/null` at `number` and makes sure that it is the device: in a broken root it may be a file, which would
/// keep what is thrown away.
#[inline(always)]
fn open_null(number: RawFd) -> Result<(), Fault> {
    const DEVICE: u64 = libc::makedev(1, 3);
    let fault = |failed| Fault::new(Step::DevNull, failed, number);
    // SAFETY: the path is a C string.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, c"/dev/null".as_ptr(), libc::O_RDWR | libc::O_CLOEXEC, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_mode & libc::S_IFMT != libc::S_IFCHR || stat.st_rdev != DEVICE {
        return Err(fault(Failed(libc::ENODEV)));
    }
    if fd != number {
        // SAFETY: neither number is used by anything else.
        unsafe { sys!(SYS_dup3, fd, number, libc::O_CLOEXEC) }.map_err(fault)?;
        // SAFETY: as above.
        let _ = unsafe { sys!(SYS_close, fd) };
    }
    Ok(())
}

#[inline(always)]
fn move_descriptor(step: Move) -> Result<(), Fault> {
    let moved = if step.from == step.to {
        // SAFETY: the descriptor is in the child's own table.
        unsafe { sys!(SYS_fcntl, step.from, libc::F_SETFD, 0) }
    } else {
        // SAFETY: both numbers are in the child's own table; the order of the moves loses no source.
        unsafe { sys!(SYS_dup3, step.from, step.to, 0) }
    };
    moved.map(|_| ()).map_err(|failed| Fault::new(Step::MoveDescriptor, failed, step.to))
}

#[inline(always)]
fn chdir(task: &Task<'_>) -> Result<(), Fault> {
    if task.cwd.is_null() {
        return Ok(());
    }
    // SAFETY: the path is a C string of the parent's.
    unsafe { sys!(SYS_chdir, task.cwd) }.map(|_| ()).map_err(|failed| Fault::new(Step::Chdir, failed, 0))
}

#[inline(always)]
fn exec(task: &Task<'_>) -> Result<(), Fault> {
    // SAFETY: the path is a C string, both vectors are ended by a null pointer, and all of it lives in the parent.
    unsafe { sys!(SYS_execve, task.path, task.argv, task.envp) }
        .map(|_| ())
        .map_err(|failed| Fault::new(Step::Exec, failed, 0))
}
