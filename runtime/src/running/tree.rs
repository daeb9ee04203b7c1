use std::os::fd::{BorrowedFd, RawFd};
pub(crate) struct Tree(());
impl Tree {
    pub(crate) fn fd(&self) -> RawFd {
        -1
    }
    pub(crate) fn kill(&self) {}
    pub(crate) fn is_populated(&self) -> bool {
        false
    }
    pub(crate) fn events(&self) -> Option<BorrowedFd<'_>> {
        None
    }
    pub(crate) fn remove(&mut self) -> bool {
        true
    }
}
