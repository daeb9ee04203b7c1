//! The channel through which the parent learns of a daemon: its pidfd arrives through a socket. The report page holds
//! the pid as well.

use super::aside::aside;
use super::failure::Failure;
use super::report::Report;
use crate::error::Step;
use crate::plan::descriptors::Schedule;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// A socket pair. The child's end has a number that the schedule does not use.
pub(super) struct Channel {
    parent: OwnedFd,
    child: OwnedFd,
}

impl Channel {
    pub(super) fn new(schedule: &Schedule) -> Result<Channel, Errno> {
        let mut pair = [-1; 2];
        let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
        // SAFETY: the kernel writes two descriptors to an array of two.
        Errno::result(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) })?;
        // SAFETY: socketpair has just returned the descriptor, so nothing else owns it.
        let [parent, child] = pair.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
        Ok(Channel { parent, child: aside(child, schedule)? })
    }

    pub(super) fn child_end(&self) -> RawFd {
        self.child.as_raw_fd()
    }

    /// Receives what the intermediate process sent before it exited. If it could not send the pidfd, the report page
    /// still tells the pid of the running daemon.
    pub(super) fn receive(self, report: &Report) -> Result<(i32, Option<OwnedFd>), Failure> {
        let received = loop {
            match self.received() {
                Err(Errno::EINTR) => {}
                other => break other,
            }
        };
        received.or_else(|errno| match report.daemon() {
            Some(pid) => Ok((pid, None)),
            None => Err(Failure::of_parent(Step::Daemon, errno)),
        })
    }

    fn received(&self) -> Result<(i32, Option<OwnedFd>), Errno> {
        let mut pid = 0i32;
        let mut vector = libc::iovec { iov_base: (&raw mut pid).cast(), iov_len: size_of::<i32>() };
        let mut control = [0u64; 4];
        let mut message = std::mem::MaybeUninit::<libc::msghdr>::zeroed();
        // SAFETY: an all-zero `msghdr` is valid: null pointers with zero lengths.
        let header = unsafe { message.assume_init_mut() };
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = size_of_val(&control) as _;
        // The sender has exited, so there is nothing to wait for.
        let flags = libc::MSG_CMSG_CLOEXEC | libc::MSG_DONTWAIT;
        // SAFETY: the header points to `pid` and `control`, which live during the call, and its lengths are their
        // sizes.
        let length = Errno::result(unsafe { libc::recvmsg(self.parent.as_raw_fd(), header, flags) })?;
        if length as usize != size_of::<i32>() {
            return Err(Errno::EPIPE);
        }
        // SAFETY: the kernel has filled the header, whose control buffer still lives.
        let rights = unsafe { libc::CMSG_FIRSTHDR(header) };
        if rights.is_null() {
            return Ok((pid, None));
        }
        // SAFETY: the pointer is not null, so it points to a control message within the buffer.
        let data = unsafe { libc::CMSG_DATA(rights) };
        // SAFETY: the only sender is the intermediate process, which puts one descriptor in the message.
        let fd = unsafe { data.cast::<RawFd>().read_unaligned() };
        // SAFETY: recvmsg has just installed the descriptor, so nothing else owns it.
        Ok((pid, Some(unsafe { OwnedFd::from_raw_fd(fd) })))
    }
}
