//! The task of a child: the plan, and where to report.

use super::before::Before;
use super::failure::{FailedStep, Failure};
use super::report::{MESSAGE, Report};
use super::sys::sys;
use crate::plan::Plan;
use crate::plan::descriptors::Schedule;
use crate::spec::settings::Hook;
use std::cell::{Cell, RefCell};
use std::os::fd::RawFd;

/// The closure of one start. The parent's thread locks it before the fork.
pub(super) type Closure<'a> = RefCell<&'a mut Hook>;

/// The additional resources of an intermediate process.
#[derive(Clone, Copy)]
pub(super) struct Detach {
    /// The upper end of the daemon's stack.
    pub(super) stack: *mut u8,
    /// The socket that carries the pid and the pidfd.
    pub(super) channel: RawFd,
}

/// The descriptors that the child needs to execute the stage.
#[derive(Clone, Copy)]
pub(super) struct Handle {
    pub(super) file: RawFd,
    /// Descriptors that the stage uses, and marks close-on-exec.
    pub(super) report_fd: RawFd,
    pub(super) directory: Option<RawFd>,
}

/// The task of one child. The parent fills it in before the clone.
pub(super) struct Task<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) report: &'a Report,
    /// The write end of the report pipe, or -1.
    pub(super) report_fd: RawFd,
    pub(super) sources: &'a [RawFd],
    pub(super) targets: &'a [RawFd],
    /// Whether the kernel put the child into its cgroup at the clone.
    pub(super) in_cgroup: bool,
    /// Whether the child shares the parent's memory.
    pub(super) shares_memory: bool,
    /// Whether the child may share the parent's descriptor table. A child that starts with a copy does not unshare it:
    /// if an emulator has a thread in the child, that thread would keep the old table and its descriptors open.
    pub(super) shares_table: bool,
    /// Set if the program is to be a daemon.
    pub(super) detach: Option<Detach>,
    /// The read end of the handshake pipe, or -1 if the child does not wait.
    pub(super) go_fd: RawFd,
    /// The stage, which takes the last steps instead of the child.
    pub(super) stage: Option<Handle>,
    /// The closure of `pre_exec`. Only a child created by fork(3) may call it.
    pub(super) hook: Option<&'a Closure<'a>>,
    /// Used in a daemon: its pidfile, and both ends of the pipe that tells the intermediate process, if that does not
    /// share memory, that the program is executed. -1 if absent.
    pub(super) pidfile_fd: Cell<RawFd>,
    pub(super) executed_fd: Cell<RawFd>,
    pub(super) kept_fd: Cell<RawFd>,
    /// Set for `exec`, which has no child: where the old state of the process is saved.
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

    /// Keeps more descriptors open than those of the schedule, until exec closes them.
    pub(super) fn keep(&mut self, sources: &'a [RawFd], targets: &'a [RawFd]) {
        self.sources = sources;
        self.targets = targets;
    }

    /// Reports through a pipe as well. Its descriptor must be among those that are kept.
    pub(super) fn report_through(&mut self, fd: RawFd) {
        self.report_fd = fd;
    }

    /// Called in the child.
    #[inline(always)]
    pub(super) fn write_report(&self, fault: &FailedStep) {
        self.report.write(fault);
        // The closure's message was already written to the pipe with its report.
        let is_told = fault.errno == 0;
        if self.report_fd >= 0 && !is_told {
            let message = [fault.step as u32, fault.errno as u32, fault.operand as u32];
            // SAFETY: the pointer refers to the 12 bytes of the message.
            let _ = unsafe { sys!(SYS_write, self.report_fd, message.as_ptr(), MESSAGE) };
        }
    }

    /// The failure on the report page.
    pub(super) fn reported(&self) -> Option<Failure> {
        self.report.read()
    }

    /// Whether the child or the daemon has reported a failed step.
    #[inline(always)]
    pub(super) fn has_failed(&self) -> bool {
        self.report.is_written()
    }
}
