//! Changes ids at a cost that does not grow with the size of the parent.
//!
//! A child whose ids change must not share the parent's memory, because processes with the new ids could then access
//! it. Copying the page tables takes milliseconds per gigabyte. So the child that shares memory takes every step before
//! the change of ids, and then executes the stage. The stage is a program of a few hundred bytes that this process
//! writes to a memfd. It makes a list of system calls, the last of which executes the program. All that the stage has
//! of the parent's memory is argv, environ and this list.

mod image;

use super::aside::aside;
use super::child::calls::Calls;
use super::child::stage::UNAVAILABLE;
use super::child::{credentials, directory, parents_death, signals};
use super::failure::{FailedStep, Failure, died_before_exec};
use super::process::{Process, Waited};
use super::report::{EXECUTING, Listener, Said};
use super::task::{Handle, Task};
use crate::error::Step;
use crate::plan::Plan;
use image::{ANYTHING, EXECUTE, Image, StageCall};
use nix::errno::Errno;
use nix::sys::memfd::{MFdFlags, memfd_create};
use std::fs::File;
use std::io::Write;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::sync::atomic::{AtomicBool, Ordering};

/// Set once the stage could not be created or executed; it is not tried again.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// The stage of one start, in a memfd that only its child executes.
pub(super) struct Stage {
    file: OwnedFd,
}

impl Stage {
    /// Creates the stage for the last steps of `plan`. Returns `None` if it cannot or should not be executed.
    pub(super) fn new(plan: &Plan<'_>, report_fd: RawFd) -> Option<Stage> {
        // Writing a label and calling the closure must be done by the child itself.
        let is_plain = plan.process.label.is_none() && plan.process.hook.is_none();
        if !is_plain || REFUSED.load(Ordering::Relaxed) || !keeps_privileges() || is_confined() {
            return None;
        }
        let made = file(&image(plan, report_fd).ok()?).and_then(|file| aside(file, &plan.descriptors));
        match made {
            Ok(file) => Some(Stage { file }),
            Err(errno) => {
                remember(errno as i32);
                None
            }
        }
    }

    pub(super) fn handle(&self, plan: &Plan<'_>, report_fd: RawFd) -> Handle {
        Handle { file: self.file.as_raw_fd(), report_fd, directory: plan.descriptors.directory }
    }
}

/// Whether a child failed because it could not execute the stage. The start is then repeated without it.
pub(super) fn was_refused(failure: &Failure) -> bool {
    let refused = failure.step == UNAVAILABLE;
    if refused {
        failure.source.raw_os_error().into_iter().for_each(remember);
    }
    refused
}

/// Remembers an error that would occur again.
fn remember(errno: i32) {
    if let libc::EACCES | libc::EPERM | libc::ENOSYS | libc::ENOEXEC | libc::EINVAL = errno {
        REFUSED.store(true, Ordering::Relaxed);
    }
}

/// Reads how the start ended. The child reports through the report page and the pipe until it executes the stage, the
/// stage through the pipe.
pub(super) fn conclude(process: Process, listener: &Listener, task: &Task<'_>) -> Result<Process, Failure> {
    let next = || listener.next().map_err(|errno| Failure::of_parent(Step::Report, errno));
    let (mut said, mut is_executing) = (next()?, false);
    if matches!(said, Said::Executing) {
        (said, is_executing) = (next()?, true);
    }
    let failed = if let Said::Failed(failure) = said { Some(failure) } else { task.reported() };
    match failed {
        Some(failure) => {
            process.reap();
            Err(failure)
        }
        None if is_executing => Ok(process),
        None => match process.wait() {
            Waited::Ended(status) => Err(died_before_exec(status)),
            Waited::Running | Waited::Lost | Waited::StillRunning(_) => {
                Err(Failure::of_parent(Step::Report, Errno::ECHILD))
            }
        },
    }
}

/// Whether this process would keep its privileges across an exec, as root does unless SECBIT_NOROOT is set.
fn keeps_privileges() -> bool {
    const SECBIT_NOROOT: i32 = 1;
    let is_root = nix::unistd::getuid().is_root() && nix::unistd::geteuid().is_root();
    // SAFETY: this operation of prctl takes no pointers.
    is_root && unsafe { libc::prctl(libc::PR_GET_SECUREBITS) } & SECBIT_NOROOT == 0
}

/// Whether a security module confines this process: executing the stage could then change its label.
fn is_confined() -> bool {
    match std::fs::read("/proc/thread-self/attr/current") {
        Ok(label) => !matches!(label.trim_ascii_end(), b"" | b"unconfined" | b"unconfined\0"),
        // EINVAL: no such module is active.
        Err(error) => error.raw_os_error() != Some(libc::EINVAL),
    }
}

/// The image of the stage for the steps from the change of ids on.
fn image(plan: &Plan<'_>, report_fd: RawFd) -> Result<Vec<u8>, FailedStep> {
    let mut list = List(Image::new());
    for fd in [Some(report_fd), plan.descriptors.directory].into_iter().flatten() {
        list.call(
            Step::Report,
            fd,
            libc::SYS_fcntl,
            [fd as usize, libc::F_SETFD as usize, libc::FD_CLOEXEC as usize, 0, 0],
        )?;
    }
    credentials::change(&plan.privileges, &mut list)?;
    directory::chdir(plan, &mut list)?;
    parents_death::die_with_parent(plan.process.pdeathsig, plan.parent, &mut list)?;
    signals::unblock_later(&mut list)?;
    let word = list.address(&EXECUTING);
    list.call(Step::Report, 0, libc::SYS_write, [report_fd as usize, word, EXECUTING.len(), 0, 0])?;
    list.push(EXECUTE, [0; 5], ANYTHING, Step::Exec, 0);
    let path = list.0.put(plan.path.to_bytes_with_nul());
    Ok(list.0.finish(report_fd, path))
}

/// Records the calls in the image.
struct List(Image);

impl List {
    fn push(&mut self, number: i64, operands: [usize; 5], expected: i64, step: Step, operand: i32) {
        let operands = operands.map(|operand| operand as u64);
        self.0.push(StageCall { number, operands, expected, step: step as u32, operand });
    }
}

impl Calls for List {
    fn call(&mut self, step: Step, operand: i32, number: i64, operands: [usize; 5]) -> Result<(), FailedStep> {
        self.push(number, operands, ANYTHING, step, operand);
        Ok(())
    }

    fn expect(&mut self, step: Step, operand: i32, number: i64, expected: usize) -> Result<(), FailedStep> {
        self.push(number, [0; 5], expected as i64, step, operand);
        Ok(())
    }

    fn address<T: Copy>(&mut self, items: &[T]) -> usize {
        // SAFETY: the trait demands items that are plain numbers without padding, so all their bytes are initialised.
        let bytes = unsafe { std::slice::from_raw_parts(items.as_ptr().cast::<u8>(), size_of_val(items)) };
        self.0.put(bytes) as usize
    }
}

/// Creates an executable memfd with this content.
fn file(content: &[u8]) -> Result<OwnedFd, Errno> {
    /// From linux/memfd.h (Linux 6.3). Without it, systems with vm.memfd_noexec create memfds that cannot be executed.
    const MFD_EXEC: MFdFlags = MFdFlags::from_bits_retain(0x10);
    let plain = MFdFlags::MFD_CLOEXEC;
    let made = match memfd_create(c"airtight-stage", plain | MFD_EXEC) {
        Err(Errno::EINVAL) => memfd_create(c"airtight-stage", plain),
        made => made,
    };
    let mut file = File::from(crate::fd::above_the_streams(made?)?);
    file.write_all(content).map_err(|error| Errno::from_raw(error.raw_os_error().unwrap_or(libc::EIO)))?;
    Ok(file.into())
}
