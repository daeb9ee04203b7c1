//! All that a child needs, computed in the parent: between clone and exec nothing is left to work out.

mod caps;
pub(crate) mod cpus;
pub(crate) mod descriptors;
pub(crate) mod environ;
pub(crate) mod far;
pub(crate) mod few;
mod fifo;
pub(crate) mod namespace;
pub(crate) mod privileges;
mod program;
pub(crate) mod sizes;
pub(crate) mod streams;

use crate::error::{Error, ErrorKind, Fault, Refusal, Step};
use crate::fd::FIRST;
use crate::spec::Spec;
use crate::spec::settings::{Label, Settings};
use cpus::Mask;
use descriptors::{Schedule, Source, Wanted};
use environ::{Block, Parents};
use far::Reopened;
use few::Few;
use privileges::Privileges;
use program::Missing;
use std::borrow::Cow;
use std::ffi::{CStr, c_char};
use std::io;
use std::os::fd::RawFd;
use std::time::Instant;

/// What is to be executed, and in which state.
pub(crate) struct Plan<'a> {
    pub(crate) path: Cow<'a, CStr>,
    pub(crate) vectors: Vectors<'a>,
    pub(crate) umask: Option<u32>,
    pub(crate) cwd: Option<&'a CStr>,
    pub(crate) pidfile: Option<&'a CStr>,
    pub(crate) descriptors: Schedule,
    pub(crate) reopened: Few<Reopened>,
    /// Something that the child has from 3 up would outlive exec, or must not wait for it to be closed: a descriptor of
    /// the user's, which may lack close-on-exec; a pidfile, whose lock the closing of another one would drop; a closure
    /// that would see it.
    pub(crate) closes_before_exec: bool,
    pub(crate) process: &'a Settings,
    pub(crate) cpus: Option<Mask>,
    pub(crate) privileges: Privileges,
    /// Descriptors of the parent that the child uses and does not keep.
    pub(crate) cgroup: Option<RawFd>,
    pub(crate) netns: Option<RawFd>,
    /// When the command is given up though its child has said nothing yet: one that shares no memory can be killed.
    pub(crate) deadline: Option<Instant>,
    /// This process, as the child sees it.
    pub(crate) parent: i32,
}

impl<'a> Plan<'a> {
    /// The plan of `spec` with its streams at these descriptors of the parent; `held` are the numbers of those that its
    /// command holds, `group` that of a control group which was made for it.
    pub(crate) fn new(
        spec: &'a Spec,
        stdio: [Source; 3],
        held: &[RawFd],
        group: Option<RawFd>,
    ) -> Result<Plan<'a>, Error> {
        let streams = stdio.into_iter().zip(0..).map(|(source, target)| Wanted { target, source });
        let wanted: Few<_> = streams.chain(passed(spec, held)?.iter().copied()).collect();
        let at = |place: Option<usize>| place.map(|place| held[place]);
        let process = &spec.process;
        let (cgroup, netns, directory) = (group.or(at(process.cgroup)), at(process.netns), at(process.directory));
        let used: Few<_> = cgroup.into_iter().chain(netns).collect();
        let descriptors = Schedule::new(&wanted, directory, &used, process.hook.is_some());
        let privileges = Privileges::new(spec)?;
        if let Some(ids) = &privileges.ids {
            stdio.into_iter().for_each(|source| give(source, ids.owner));
        }
        Ok(Plan {
            path: resolve(spec)?,
            vectors: Vectors::new(spec),
            umask: spec.umask,
            cwd: spec.cwd.as_deref(),
            pidfile: spec.pidfile.as_deref(),
            reopened: Reopened::all(&descriptors.reopened),
            descriptors,
            closes_before_exec: !held.is_empty() || spec.pidfile.is_some() || process.hook.is_some(),
            process,
            cpus: Mask::new(&process.cpus),
            privileges,
            cgroup,
            deadline: None,
            netns,
            // Asked for only where the child compares it.
            parent: process.pdeathsig.map_or(0, |_| namespace::parent_of_children()),
        })
    }

    /// The text that a failed step's operand stands for.
    pub(crate) fn operand(&self, step: Step, number: i32) -> String {
        match step {
            Step::Chdir if self.descriptors.directory.is_some() => "the descriptor that was given".to_owned(),
            // A daemon's.
            Step::Chdir => self.cwd.map_or_else(|| "/".to_owned(), privileges::shown),
            Step::Pidfile | Step::PidfileLock => self.pidfile.map(privileges::shown).unwrap_or_default(),
            Step::ResetSignals | Step::ParentDeathSignal => crate::status::signal_name(number),
            Step::BoundingSet | Step::Ambient => caps::name(number),
            Step::Limit => crate::language::limits::name(number).to_owned(),
            Step::Cpus => cpus::shown(&self.process.cpus),
            Step::SeLinux | Step::AppArmor => match &self.process.label {
                Some(Label::SeLinux(label) | Label::AppArmor(label)) => privileges::shown(label),
                None => String::new(),
            },
            Step::CloseDescriptors
            | Step::MoveDescriptor
            | Step::Uid
            | Step::Gid
            | Step::Groups
            | Step::OomScoreAdj
            | Step::Nice
            | Step::SchedCore => number.to_string(),
            Step::DevNull => "/dev/null".to_owned(),
            _ => self.path.to_string_lossy().into_owned(),
        }
    }
}

/// The descriptors that are passed on. Numbers that only run time knows are checked here.
fn passed(spec: &Spec, held: &[RawFd]) -> Result<Few<Wanted>, Error> {
    let mut wanted: Few<Wanted> = Few::new();
    for passed in &spec.passed {
        let from = held[passed.place];
        let target = passed.number.unwrap_or(from);
        let fault = match target {
            ..FIRST => Some(Fault::StreamNumber(target)),
            _ if wanted.iter().any(|earlier| earlier.target == target) => Some(Fault::NumberTwice(target)),
            _ => None,
        };
        if let Some(fault) = fault {
            return Err(spec.refused_error(&Refusal::key("fds", fault)));
        }
        wanted.push(Wanted { target, source: Source::Parent(from) });
    }
    Ok(wanted)
}

/// Gives a pipe that is made for this command to the user whose program it is for: else that could not open it again, as
/// `/dev/stdout`. A process that may not do that leaves it as it is.
fn give(source: Source, (uid, gid): (u32, u32)) {
    if let Source::Pipe(fd) = source {
        // SAFETY: takes no pointers; the pipe is this command's.
        unsafe { libc::fchown(fd, uid, gid) };
    }
}

fn resolve(spec: &Spec) -> Result<Cow<'_, CStr>, Error> {
    program::resolve(&spec.program).map_err(|missing| match missing {
        Missing::NotFound(searched) => spec.error(ErrorKind::NotFound { searched }),
        Missing::NotExecutable(path) => spec.error(ErrorKind::Start {
            step: Step::Exec,
            operand: path.display().to_string(),
            source: io::Error::from_raw_os_error(libc::EACCES),
        }),
    })
}

/// `argv` and `environ`, as execve(2) takes them.
pub(crate) struct Vectors<'a> {
    argv: Vec<*const c_char>,
    envp: Vec<*const c_char>,
    /// What the pointers of `argv` and of `envp` point into.
    owners: (&'a Spec, Block),
}

impl<'a> Vectors<'a> {
    fn new(spec: &'a Spec) -> Vectors<'a> {
        let argv0 = spec.argv0.as_deref().unwrap_or(&spec.program);
        let words = spec.args.words();
        let mut argv = Vec::with_capacity(words.len() + 2);
        argv.push(argv0.as_ptr());
        argv.extend(words.iter().map(|word| word.text.as_ptr()));
        argv.push(std::ptr::null());
        let block = Block::of(&spec.env);
        let envp = if block.whole().is_some() { Vec::new() } else { block.pointers() };
        Vectors { argv, envp, owners: (spec, block) }
    }

    pub(crate) fn argv(&self) -> *const *const c_char {
        self.argv.as_ptr()
    }

    pub(crate) fn envp(&self) -> *const *const c_char {
        self.owners.1.whole().map_or(self.envp.as_ptr(), Parents::as_ptr)
    }
}
