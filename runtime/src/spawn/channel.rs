//! How the parent learns of a daemon: its pidfd comes through a socket, its pid stands on the report as well.

use super::aside::aside;
use super::fault::Failure;
use super::report::Report;
use crate::error::Step;
use crate::plan::descriptors::Schedule;
use nix::errno::Errno;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

/// A pair of sockets, the child's end at a number that the schedule leaves alone.
pub(super) struct Channel {
    parent: OwnedFd,
    child: OwnedFd,
}

impl Channel {
    pub(super) fn new(schedule: &Schedule) -> Result<Channel, Errno> {
        let mut pair = [-1; 2];
        let kind = libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC;
        // SAFETY: the array holds two descriptors.
        Errno::result(unsafe { libc::socketpair(libc::AF_UNIX, kind, 0, pair.as_mut_ptr()) })?;
        // SAFETY: the kernel has just opened it, and nothing else owns it.
        let [parent, child] = pair.map(|fd| unsafe { OwnedFd::from_raw_fd(fd) });
        Ok(Channel { parent, child: aside(child, schedule)? })
    }

    pub(super) fn child_end(&self) -> RawFd {
        self.child.as_raw_fd()
    }

    /// What the intermediate process has sent before it ended. A daemon that runs is never lost: where its pidfd could not
    /// be handed over, its pid is known.
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
        // SAFETY: zeroes are a valid header, and nothing else refers to it.
        let header = unsafe { message.assume_init_mut() };
        header.msg_iov = &raw mut vector;
        header.msg_iovlen = 1;
        header.msg_control = control.as_mut_ptr().cast();
        header.msg_controllen = size_of_val(&control) as _;
        // Whoever sends has ended.
        let flags = libc::MSG_CMSG_CLOEXEC | libc::MSG_DONTWAIT;
        // SAFETY: the header and what it refers to are valid.
        let length = Errno::result(unsafe { libc::recvmsg(self.parent.as_raw_fd(), header, flags) })?;
        if length as usize != size_of::<i32>() {
            return Err(Errno::EPIPE);
        }
        // SAFETY: the kernel has filled the header.
        let rights = unsafe { libc::CMSG_FIRSTHDR(header) };
        if rights.is_null() {
            return Ok((pid, None));
        }
        // SAFETY: it is not null, and so within the buffer.
        let data = unsafe { libc::CMSG_DATA(rights) };
        // SAFETY: the sender put one descriptor there.
        let fd = unsafe { data.cast::<RawFd>().read_unaligned() };
        // SAFETY: the kernel has just installed it, and nothing else owns it.
        Ok((pid, Some(unsafe { OwnedFd::from_raw_fd(fd) })))
    }
}
