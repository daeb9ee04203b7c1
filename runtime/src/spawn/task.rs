//! The task of a child: the plan, and where to report.

use super::before::Before;
use super::fault::{Failure, Fault};
use super::report::{MESSAGE, Report};
use super::sys::sys;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::spec::settings::Hook;
use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;

/// The closure of one start, held by the parent's thread since before the fork.
pub(super) type Closure<'a> = RefCell<&'a mut Hook>;

/// What the intermediate process needs beside its task.
#[derive(Clone, Copy)]
pub(super) struct Detach {
    /// The stack of the daemon, its upper end.
    pub(super) stack: *mut u8,
    /// The socket that the pid and the pidfd go through.
    pub(super) channel: RawFd,
}

/// What the child needs to know of the stage.
#[derive(Clone, Copy)]
pub(super) struct Handle {
    pub(super) file: RawFd,
    /// What the stage uses besides, and closes.
    pub(super) report_fd: RawFd,
    pub(super) directory: Option<RawFd>,
}

/// The task of one child, which the parent fills in before the clone.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) report: &'a Report,
    /// The pipe beside the report, or -1.
    pub(super) report_fd: RawFd,
    pub(super) sources: &'a [RawFd],
    pub(super) targets: &'a [RawFd],
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
    pub(super) stage: Option<Handle>,
    /// Only in a forked child.
    pub(super) hook: Option<&'a Closure<'a>>,
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
