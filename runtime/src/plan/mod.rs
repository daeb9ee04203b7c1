//! The plan of a start: the parent computes all that a child needs, so that the child only makes system calls.

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

use crate::error::{Error, ErrorKind, Fault, Operand, Refusal, Step};
use crate::fd::FIRST;
use crate::spec::Spec;
use crate::spec::settings::{Directory, Label, Settings};
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

/// The program to execute, and the state in which to execute it.
pub(crate) struct Plan<'a> {
    pub(crate) path: Cow<'a, CStr>,
    pub(crate) vectors: Vectors<'a>,
    pub(crate) umask: Option<u32>,
    pub(crate) cwd: Option<&'a CStr>,
    pub(crate) pidfile: Option<&'a CStr>,
    pub(crate) descriptors: Schedule,
    pub(crate) reopened: Few<Reopened>,
    /// Whether the child closes descriptors before exec, and not by close-on-exec. It must if a descriptor of the
    /// caller may lack the flag, if closing another descriptor of the pidfile would release its lock, or if a closure
    /// runs in the child.
    pub(crate) closes_before_exec: bool,
    pub(crate) process: &'a Settings,
    pub(crate) cpus: Option<Mask>,
    pub(crate) privileges: Privileges,
    /// Descriptors of the parent that the child uses and the program does not inherit.
    pub(crate) cgroup_fd: Option<RawFd>,
    pub(crate) netns_fd: Option<RawFd>,
    /// When the start is aborted even if the child has not reported. Only a child that does not share memory can be
    /// killed.
    pub(crate) deadline: Option<Instant>,
    /// The pid of this process as its child sees it.
    pub(crate) parent: i32,
}

impl<'a> Plan<'a> {
    /// Computes the plan of `spec`. `stdio` are the sources of the streams, `held` the descriptors that the command
    /// holds, and `group` is the control group that was created for it.
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
        let (cgroup_fd, netns_fd) = (group.or(at(process.cgroup)), at(process.netns));
        let (cwd, directory) = match &spec.cwd {
            Some(Directory::Path(path)) => (Some(&**path), None),
            Some(Directory::Fd(place)) => (None, Some(held[*place])),
            None => (None, None),
        };
        let used: Few<_> = cgroup_fd.into_iter().chain(netns_fd).collect();
        let descriptors = Schedule::new(&wanted, directory, &used, process.hook.is_some());
        let privileges = Privileges::new(spec)?;
        if let Some(ids) = &privileges.ids {
            stdio.into_iter().for_each(|source| give(source, ids.owner));
        }
        Ok(Plan {
            path: resolve(spec)?,
            vectors: Vectors::new(spec),
            umask: spec.umask,
            cwd,
            pidfile: spec.pidfile.as_deref(),
            reopened: Reopened::all(&descriptors.reopened),
            descriptors,
            closes_before_exec: !held.is_empty() || spec.pidfile.is_some() || process.hook.is_some(),
            process,
            cpus: Mask::new(&process.cpus),
            privileges,
            cgroup_fd,
            deadline: None,
            netns_fd,
            // Computed only if the child compares it.
            parent: process.pdeathsig.map_or(0, |_| namespace::parent_of_children()),
        })
    }

    /// The text for the operand of a failed step.
    pub(crate) fn operand(&self, step: Step, number: i32) -> String {
        match step.operand() {
            Operand::Directory if self.descriptors.directory.is_some() => "the given descriptor".to_owned(),
            // A daemon without `cwd` enters `/`.
            Operand::Directory => self.cwd.map_or_else(|| "/".to_owned(), privileges::shown),
            Operand::Pidfile => self.pidfile.map(privileges::shown).unwrap_or_default(),
            Operand::Signal => crate::status::signal_name(number),
            Operand::Capability => caps::name(number),
            Operand::Limit => crate::language::limits::name(number).to_owned(),
            Operand::Cpus => cpus::shown(&self.process.cpus),
            Operand::Label => match &self.process.label {
                Some(Label::SeLinux(label) | Label::AppArmor(label)) => privileges::shown(label),
                None => String::new(),
            },
            Operand::Number => number.to_string(),
            Operand::Null => "/dev/null".to_owned(),
            Operand::Program | Operand::Stated => self.path.to_string_lossy().into_owned(),
        }
    }
}

/// The passed descriptors. Numbers that are known only at run time are checked here.
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

/// Makes the user of the program the owner of a pipe that was created for it, so that the program can reopen it as
/// `/dev/stdout`. If this process may not do that, the owner stays.
fn give(source: Source, (uid, gid): (u32, u32)) {
    if let Source::Pipe(fd) = source {
        // SAFETY: fchown takes no pointers, and the pipe belongs to this command.
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

/// argv and environ as execve(2) takes them.
pub(crate) struct Vectors<'a> {
    argv: Vec<*const c_char>,
    envp: Vec<*const c_char>,
    /// The owners of the strings that `argv` and `envp` point to.
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
