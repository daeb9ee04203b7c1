//! Settings of the process that a declaration can contain: identity, privileges, limits, session, labels.

use std::ffi::CString;
use std::io;
use std::sync::{Arc, Mutex};

/// `cwd`.
#[derive(Clone)]
pub(crate) enum Directory {
    Path(CString),
    /// A place among the descriptors that the command holds.
    Fd(usize),
}

/// The session or process group that the child leads.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Leads {
    /// `process_group`.
    Group,
    /// `session`.
    Session,
    /// `session(terminal)`: its stdin becomes its controlling terminal.
    SessionWithTerminal,
}

/// `sched_core`.
#[derive(Clone, Copy)]
pub(crate) enum SchedCore {
    New,
    /// With the cookie of this process.
    Share(i32),
}

/// Who the child is.
#[derive(Clone)]
pub(crate) enum Identity {
    /// Looked up when the command starts.
    Name(CString),
    Numbers {
        uid: u32,
        gid: u32,
        groups: Vec<u32>,
    },
}

/// One resource limit. See getrlimit(2).
#[derive(Clone, Copy)]
pub(crate) struct Limit {
    pub(crate) resource: u32,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

/// A label for the program, written before exec.
#[derive(Clone)]
pub(crate) enum Label {
    SeLinux(CString),
    AppArmor(CString),
}

/// The closure of `pre_exec`.
pub(crate) type Hook = Box<dyn FnMut() -> io::Result<()> + Send>;

/// All of it; nothing by default.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    /// Places among the descriptors that the command holds.
    pub(crate) cgroup: Option<usize>,
    pub(crate) netns: Option<usize>,
    pub(crate) leads: Option<Leads>,
    /// `descendants: kill`: what the program started is killed when the command ends.
    pub(crate) kills_descendants: bool,
    pub(crate) limits: Vec<Limit>,
    pub(crate) nice: Option<i32>,
    pub(crate) oom_score_adj: Option<i32>,
    /// Numbers of CPUs; all of the parent's where there are none.
    pub(crate) cpus: Vec<u32>,
    pub(crate) sched_core: Option<SchedCore>,
    pub(crate) label: Option<Label>,
    pub(crate) identity: Option<Identity>,
    /// The capabilities that are kept, bit n for capability n; all that there are where absent.
    pub(crate) keep_caps: Option<u64>,
    pub(crate) no_new_privs: bool,
    pub(crate) pdeathsig: Option<i32>,
    /// Locked by whoever starts the command: clones of it share the closure.
    pub(crate) hook: Option<Arc<Mutex<Hook>>>,
}
