//! Opens a FIFO within a bound. A plain open blocks until another process opens the other end, see fifo(7).

use crate::bound::Bound;
use nix::errno::Errno;
use nix::fcntl::{FcntlArg, OFlag, SpliceFFlags, fcntl, open, tee};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::stat::{Mode, SFlag, fstat, stat};
use nix::unistd::pipe2;
use std::ffi::CStr;
use std::os::fd::{AsFd, OwnedFd};
use std::time::Duration;

/// How often the other end is polled.
const LOOK: Duration = Duration::from_millis(5);

/// Whether the path currently leads to a FIFO.
pub(super) fn is_fifo(path: &CStr) -> bool {
    stat(path).is_ok_and(|file| SFlag::from_bits_truncate(file.st_mode).contains(SFlag::S_IFIFO))
}

/// Opens the FIFO and waits for its other end. Fails with ETIME if the deadline passes first.
pub(super) fn open_bounded(path: &CStr, flags: OFlag, bound: Bound) -> Result<OwnedFd, Errno> {
    let writes = flags.contains(OFlag::O_WRONLY);
    let mut opened = None;
    loop {
        let fifo = match opened.take() {
            Some(fifo) => fifo,
            None => match open(path, flags | OFlag::O_NONBLOCK, Mode::empty()) {
                Ok(fifo) => fifo,
                // No process has it open for reading.
                Err(Errno::ENXIO) if writes => {
                    pause(bound)?;
                    continue;
                }
                Err(Errno::EINTR) => continue,
                Err(errno) => return Err(errno),
            },
        };
        let is_fifo = SFlag::from_bits_truncate(fstat(&fifo)?.st_mode).contains(SFlag::S_IFIFO);
        if writes || !is_fifo || has_writer(&fifo)? {
            let flags = OFlag::from_bits_retain(fcntl(&fifo, FcntlArg::F_GETFL)?);
            fcntl(&fifo, FcntlArg::F_SETFL(flags - OFlag::O_NONBLOCK))?;
            return Ok(fifo);
        }
        pause(bound)?;
        opened = Some(fifo);
    }
}

/// Whether another process has the FIFO open for writing, or had it since it was opened here. poll(2) does not show a
/// writer that has written nothing. tee(2) does, without consuming data: it returns 0 without a writer, and EAGAIN or a
/// byte with one.
fn has_writer(fifo: &OwnedFd) -> Result<bool, Errno> {
    let mut heard = [PollFd::new(fifo.as_fd(), PollFlags::POLLIN)];
    match poll(&mut heard, PollTimeout::ZERO) {
        Ok(0) | Err(Errno::EINTR) => {}
        heard => return heard.map(|_| true),
    }
    let (_read, write) = pipe2(OFlag::O_CLOEXEC)?;
    match tee(fifo, &write, 1, SpliceFFlags::SPLICE_F_NONBLOCK) {
        // The caller tries again soon.
        Ok(0) | Err(Errno::EINTR) => Ok(false),
        Ok(_) | Err(Errno::EAGAIN) => Ok(true),
        Err(errno) => Err(errno),
    }
}

fn pause(bound: Bound) -> Result<(), Errno> {
    match bound.left() {
        Some(left) if left.is_zero() => Err(Errno::ETIME),
        left => {
            std::thread::sleep(left.map_or(LOOK, |left| left.min(LOOK)));
            Ok(())
        }
    }
}
