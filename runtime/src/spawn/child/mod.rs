//! What the child does between clone and exec, step by step.
//!
//! It shares the parent's memory: raw system calls only, no allocation, no lock, no errno, nothing that could panic or
//! unwind. Everything it needs was computed in the parent.

pub(super) mod calls;
mod close;
pub(super) mod credentials;
pub(super) mod daemon;
pub(super) mod hook;
pub(super) mod limits;
mod pidfile;
mod procfs;
mod session;
pub(super) mod signals;

use crate::error::Step;
use crate::plan::Plan;
use crate::plan::descriptors::{Move, Schedule};
use crate::plan::far::Reopened;
use crate::spawn::Failure;
use crate::spawn::replace::Before;
use crate::spawn::report::{EXECUTING, MESSAGE, READY, Report};
use crate::spawn::stage;
use crate::spawn::sys::{self, Failed, sys};
use calls::{Calls, Now};
use daemon::Detach;
use std::cell::Cell;
use std::os::fd::RawFd;

/// What the child reports when it cannot open a pipe again: making one is no step of its own.
pub(super) const NOT_REOPENED: Step = Step::Pipe;

/// How long, in nanoseconds, the child waits at first before it tries again to execute a program that is open for writing,
/// and at last, each time twice as long: for a second in all. Whoever leaves a table of descriptors copies its low end for
/// a moment (the kernel copies 64 numbers at a time), so that a program which one thread has just written is busy while
/// the child of another has not closed its copy yet.
pub(super) const FIRST_PAUSE: i64 = 1 << 20;
pub(super) const LAST_PAUSE: i64 = 1 << 29;

/// Where the child begins. Nothing in it unwinds, and so nothing stands ready to catch that: it would call std's panic.
pub(super) type Entry = unsafe extern "C-unwind" fn(*const Task<'_>) -> !;

/// What the child is told.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) report: &'a Report,
    /// The pipe beside the report, or -1.
    report_fd: RawFd,
    sources: &'a [RawFd],
    targets: &'a [RawFd],
    /// The kernel has put the child into its cgroup.
    pub(super) in_cgroup: bool,
    /// The child shares the parent's memory.
    pub(super) shares_memory: bool,
    /// The child may share the parent's table of descriptors. Where it has a copy from the start it leaves none: a thread
    /// that an emulator has beside it would keep what is in the old one open.
    pub(super) shares_table: bool,
    /// The program is to be a daemon.
    pub(super) detach: Option<Detach>,
    /// Where the parent's word comes from, or -1: the child does not wait for it.
    pub(super) go_fd: RawFd,
    /// What takes the last steps instead of the child.
    pub(super) stage: Option<stage::Handle>,
    /// Only in a forked child.
    pub(super) hook: Option<&'a hook::Held<'a>>,
    /// In a daemon: its pidfile, and both ends of what tells its maker, where that shares no memory, that the program is
    /// executed; or -1.
    pub(super) pidfile_fd: Cell<RawFd>,
    pub(super) executed_fd: Cell<RawFd>,
    pub(super) kept_fd: Cell<RawFd>,
    /// There is no child: for `exec`, which notes here what it changes of the process.
    pub(super) before: Option<&'a Before>,
}

impl<'a> Task<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, report: &'a Report) -> Task<'a> {
        let Schedule { sources, targets, .. } = &plan.descriptors;
        Task {
            plan,
            report,
            report_fd: -1,
            sources,
            targets,
            in_cgroup: false,
            shares_memory: true,
            shares_table: true,
            detach: None,
            go_fd: -1,
            stage: None,
            hook: None,
            pidfile_fd: Cell::new(-1),
            executed_fd: Cell::new(-1),
            kept_fd: Cell::new(-1),
            before: None,
        }
    }

    /// Keeps more descriptors than the schedule has, until exec closes them.
    pub(super) fn keep(&mut self, sources: &'a [RawFd], targets: &'a [RawFd]) {
        self.sources = sources;
        self.targets = targets;
    }

    /// Reports through a pipe as well, which is one of those that are kept.
    pub(super) fn report_through(&mut self, fd: RawFd) {
        self.report_fd = fd;
    }

    /// The pipe beside the report, or -1.
    pub(super) fn report_fd(&self) -> RawFd {
        self.report_fd
    }

    /// Called in the child.
    #[inline(always)]
    pub(super) fn write_report(&self, fault: &Fault) {
        self.report.write(fault);
        // The message of a closure went through the pipe with its report.
        let is_told = fault.errno == 0;
        if self.report_fd >= 0 && !is_told {
            let message = [fault.step as u32, fault.errno as u32, fault.operand as u32];
            // SAFETY: the message is 12 bytes long; a pipe takes so few at once.
            let _ = unsafe { sys!(SYS_write, self.report_fd, message.as_ptr(), MESSAGE) };
        }
    }

    /// The step that was reported as failed.
    pub(super) fn reported(&self) -> Option<Failure> {
        self.report.read()
    }

    /// Whether a step was reported as failed, by whichever process.
    #[inline(always)]
    pub(super) fn has_failed(&self) -> bool {
        self.report.is_written()
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
/// Called by the clone calls alone, with a task that outlives the child's stay in the parent's memory, or is a copy.
pub(super) unsafe extern "C-unwind" fn enter(task: *const Task<'_>) -> ! {
    // SAFETY: as the caller promises.
    let task = unsafe { &*task };
    if let Err(fault) = steps(task) {
        task.write_report(&fault);
    }
    exit(127)
}

/// Ends this process, by a trap where a filter refuses its end.
pub(super) fn exit(code: i32) -> ! {
    // SAFETY: ends the child, which is a process of its own.
    let _ = unsafe { sys!(SYS_exit_group, code) };
    sys::trap()
}

/// The same steps in a thread of this process: for `exec`.
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
    let plan = task.plan;
    if task.before.is_none() {
        signals::reset_actions()?;
    }
    umask(task);
    match (task.hook, task.before) {
        (None, _) if task.shares_table => close::leave_parents_table(task.sources)?,
        (None, _) => close::close_around(task.sources)?,
        // The closure sees what is open in this process, and a forked child has a table of its own.
        (Some(_), None) => {}
        (Some(_), Some(_)) => close::leave_table()?,
    }
    if let (Some(group), false) = (plan.cgroup, task.in_cgroup) {
        session::enter_cgroup(group)?;
    }
    if let Some(namespace) = plan.netns {
        session::enter_netns(namespace)?;
    }
    if let Some(null_at) = plan.descriptors.null_at {
        open_null(null_at)?;
    }
    for pipe in plan.reopened.iter() {
        reopen(pipe)?;
    }
    for step in plan.descriptors.moves.iter() {
        move_descriptor(*step)?;
    }
    if plan.closes_before_exec && task.hook.is_none() {
        close::close_around(task.targets)?;
    }
    match task.detach {
        Some(detach) => daemon::detach(task, detach),
        None => second_half(task),
    }
}

/// What is left when the process is the one that executes the program.
#[inline(always)]
pub(super) fn second_half(task: &Task<'_>) -> Result<(), Fault> {
    let plan = task.plan;
    session::lead(plan.process.leads, task.before.is_some())?;
    let label = limits::open_label(plan.process.label.as_ref())?;
    limits::set_limits(&plan.process.limits, task.before)?;
    limits::set_nice(plan.process.nice)?;
    limits::set_sched_core(plan.process.sched_core, task.before.is_some())?;
    if let Some(hook) = task.hook {
        hook::call(hook, task.report_fd)?;
    }
    limits::write_label(label)?;
    if task.hook.is_some() {
        close_behind_hook(task)?;
    }
    if let Some(stage) = task.stage {
        return stage::enter(plan, stage);
    }
    credentials::change(&plan.privileges, &mut Now)?;
    chdir(plan, &mut Now)?;
    limits::die_with_parent(plan.process.pdeathsig, plan.parent, &mut Now)?;
    wait_for_word(task)?;
    if let Some(before) = task.before {
        return before.execute(plan);
    }
    signals::unblock()?;
    announce(task)?;
    exec(plan)
}

/// What the closure saw and the program is not to have. To close any descriptor of the pidfile drops its lock, which is
/// taken again.
#[cold]
fn close_behind_hook(task: &Task<'_>) -> Result<(), Fault> {
    let pidfile = task.pidfile_fd.get();
    close::close_all_but(task.targets, &[pidfile, task.executed_fd.get(), task.kept_fd.get()])?;
    if pidfile >= 0 { pidfile::lock(pidfile) } else { Ok(()) }
}

/// Tells the parent that all is ready, and waits until it says go. Where it says nothing more, because it thought better
/// of it or is gone, the program is not executed.
#[inline(always)]
fn wait_for_word(task: &Task<'_>) -> Result<(), Fault> {
    if task.go_fd < 0 {
        return Ok(());
    }
    let fault = |failed| Fault::new(Step::Handshake, failed, 0);
    // SAFETY: the text is as long as said.
    unsafe { sys!(SYS_write, task.report_fd, READY.as_ptr(), READY.len()) }.map_err(fault)?;
    let mut word = 0u8;
    loop {
        // SAFETY: one byte is read into one byte.
        match unsafe { sys!(SYS_read, task.go_fd, &raw mut word, 1) } {
            Ok(1) => return Ok(()),
            Ok(_) => return Err(fault(Failed(libc::ECANCELED))),
            Err(Failed(libc::EINTR)) => {}
            Err(failed) => return Err(fault(failed)),
        }
    }
}

/// Says that the program is executed next: that a pipe ends without a word tells that the child has died. Of a daemon it
/// is its maker who is told.
#[inline(always)]
fn announce(task: &Task<'_>) -> Result<(), Fault> {
    let executed = task.executed_fd.get();
    let fd = if executed >= 0 { executed } else { task.report_fd };
    if fd < 0 || (executed < 0 && task.detach.is_some()) {
        return Ok(());
    }
    // SAFETY: the text is as long as said.
    unsafe { sys!(SYS_write, fd, EXECUTING.as_ptr(), EXECUTING.len()) }
        .map(|_| ())
        .map_err(|failed| Fault::new(Step::Report, failed, 0))
}

#[inline(always)]
fn umask(task: &Task<'_>) {
    if let Some(mask) = task.plan.umask {
        // SAFETY: takes no pointers, and cannot fail.
        let was = unsafe { sys!(SYS_umask, mask) };
        if let (Some(before), Ok(was)) = (task.before, was) {
            before.note_umask(was as u32);
        }
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
    set_number(fd, number).map_err(fault)
}

/// Opens a pipe of the parent's, which holds it, and makes sure that it is that one: where /proc is another's, the
/// number is too.
#[inline(always)]
fn reopen(pipe: &Reopened) -> Result<(), Fault> {
    let fault = |failed| Fault::new(NOT_REOPENED, failed, pipe.at);
    // SAFETY: the path is ended by a NUL.
    let opened = unsafe { sys!(SYS_openat, libc::AT_FDCWD, pipe.path.as_ptr(), pipe.flags, 0) };
    let fd = opened.map_err(fault)? as RawFd;
    let mut stat = std::mem::MaybeUninit::<libc::stat>::zeroed();
    // SAFETY: the kernel's structure has this size and layout on the two supported machines.
    unsafe { sys!(SYS_fstat, fd, stat.as_mut_ptr()) }.map_err(fault)?;
    // SAFETY: zeroes are a valid value, and the kernel has filled it.
    let stat = unsafe { stat.assume_init_ref() };
    if stat.st_dev != pipe.device || stat.st_ino != pipe.inode {
        return Err(fault(Failed(libc::EBADF)));
    }
    set_number(fd, pipe.at).map_err(fault)
}

/// Gives `number`, which nothing else uses, to what was just opened.
#[inline(always)]
fn set_number(fd: RawFd, number: RawFd) -> Result<(), Failed> {
    if fd != number {
        // SAFETY: neither number is used by anything else.
        unsafe { sys!(SYS_dup3, fd, number, libc::O_CLOEXEC) }?;
        // SAFETY: as above.
        let _ = unsafe { sys!(SYS_close, fd) };
    }
    Ok(())
}

#[inline(always)]
fn move_descriptor(step: Move) -> Result<(), Fault> {
    let flags = if step.close_on_exec { libc::O_CLOEXEC } else { 0 };
    let moved = if step.from == step.to {
        // SAFETY: the descriptor is in the child's own table.
        unsafe { sys!(SYS_fcntl, step.from, libc::F_SETFD, 0) }
    } else {
        // SAFETY: both numbers are in the child's own table; the order of the moves loses no source.
        unsafe { sys!(SYS_dup3, step.from, step.to, flags) }
    };
    moved.map(|_| ()).map_err(|failed| Fault::new(Step::MoveDescriptor, failed, step.to))
}

#[inline(always)]
pub(super) fn chdir(plan: &Plan<'_>, calls: &mut impl Calls) -> Result<(), Fault> {
    match (plan.descriptors.directory, plan.cwd) {
        (Some(directory), _) => calls.call(Step::Chdir, 0, libc::SYS_fchdir, [directory as usize, 0, 0, 0, 0]),
        (None, Some(path)) => {
            let path = calls.address(path.to_bytes_with_nul());
            calls.call(Step::Chdir, 0, libc::SYS_chdir, [path, 0, 0, 0, 0])
        }
        (None, None) => Ok(()),
    }
}

#[inline(always)]
fn exec(plan: &Plan<'_>) -> Result<(), Fault> {
    let mut pause = FIRST_PAUSE;
    loop {
        match exec_once(plan) {
            Ok(()) => return Ok(()),
            Err(Failed(libc::ETXTBSY)) if pause <= LAST_PAUSE => {}
            Err(failed) => return Err(Fault::new(Step::Exec, failed, 0)),
        }
        sleep(pause);
        pause = pause.wrapping_shl(1);
    }
}

#[inline(always)]
pub(super) fn exec_once(plan: &Plan<'_>) -> Result<(), Failed> {
    // SAFETY: the path is a C string, both vectors are ended by a null pointer, and all of it lives in the plan.
    unsafe { sys!(SYS_execve, plan.path.as_ptr(), plan.vectors.argv(), plan.vectors.envp()) }.map(|_| ())
}

#[inline(always)]
pub(super) fn sleep(nanoseconds: i64) {
    let time = libc::timespec { tv_sec: 0, tv_nsec: nanoseconds };
    // SAFETY: the time is valid, and what is left of it is not asked for.
    let _ = unsafe { sys!(SYS_nanosleep, &raw const time, 0) };
}
