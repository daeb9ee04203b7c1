//! All that a child needs, computed in the parent: between clone and exec nothing is left to work out.

pub(crate) mod descriptors;
pub(crate) mod privileges;
pub(crate) mod streams;

use crate::error::{Error, ErrorKind, Fault, Refusal, Step};
use crate::process::{Label, Settings};
use crate::program::{self, Missing};
use crate::spec::Spec;
use descriptors::{Schedule, Source, Wanted};
use privileges::Privileges;
use std::ffi::{CStr, CString, c_char};
use std::io;
use std::os::fd::RawFd;

/// What is to be executed, and in which state.
pub(crate) struct Plan<'a> {
    pub(crate) path: CString,
    pub(crate) vectors: Vectors<'a>,
    pub(crate) umask: Option<u32>,
    pub(crate) cwd: Option<&'a CStr>,
    pub(crate) pidfile: Option<&'a CStr>,
    pub(crate) descriptors: Schedule,
    pub(crate) process: &'a Settings,
    pub(crate) privileges: Privileges,
    /// Descriptors of the parent that the child uses and does not keep.
    pub(crate) cgroup: Option<RawFd>,
    pub(crate) netns: Option<RawFd>,
    /// This process, as the child sees it.
    pub(crate) parent: i32,
}

impl<'a> Plan<'a> {
    /// The plan of `spec` with its streams at these descriptors of the parent; `held` are the numbers of those that its
    /// command holds.
    pub(crate) fn new(spec: &'a Spec, stdio: [Source; 3], held: &[RawFd]) -> Result<Plan<'a>, Error> {
        let streams = stdio.into_iter().zip(0..).map(|(source, target)| Wanted { target, source });
        let wanted: Vec<_> = streams.chain(passed(spec, held)?).collect();
        let at = |place: Option<usize>| place.map(|place| held[place]);
        let process = &spec.process;
        let (cgroup, netns, directory) = (at(process.cgroup), at(process.netns), at(process.directory));
        let used: Vec<_> = cgroup.into_iter().chain(netns).collect();
        Ok(Plan {
            path: resolve(spec)?,
            vectors: Vectors::new(spec),
            umask: spec.umask,
            cwd: spec.cwd.as_deref(),
            pidfile: spec.pidfile.as_deref(),
            descriptors: Schedule::new(&wanted, directory, &used),
            process,
            privileges: Privileges::new(spec)?,
            cgroup,
            netns,
            parent: std::process::id() as i32,
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
            Step::BoundingSet | Step::Ambient => privileges::capability_name(number),
            Step::Limit => crate::language::limits::name(number).to_owned(),
            Step::SeLinux | Step::AppArmor => match &self.process.label {
                Some(Label::SeLinux(label) | Label::AppArmor(label)) => privileges::shown(label),
                None => String::new(),
            },
            Step::CloseDescriptors
            | Step::MoveDescriptor
            | Step::Uid
            | Step::Gid
            | Step::Groups
            | Step::Nice
            | Step::SchedCore => number.to_string(),
            Step::DevNull => "/dev/null".to_owned(),
            _ => self.path.to_string_lossy().into_owned(),
        }
    }
}

/// The descriptors that are passed on. Numbers that only run time knows are checked here.
fn passed(spec: &Spec, held: &[RawFd]) -> Result<Vec<Wanted>, Error> {
    let mut wanted: Vec<Wanted> = Vec::with_capacity(spec.passed.len());
    for passed in &spec.passed {
        let from = held[passed.place];
        let target = passed.number.unwrap_or(from);
        let fault = match target {
            ..descriptors::FIRST => Some(Fault::StreamNumber(target)),
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

fn resolve(spec: &Spec) -> Result<CString, Error> {
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
    _owners: (&'a Spec, Vec<Vec<u8>>),
}

impl<'a> Vectors<'a> {
    fn new(spec: &'a Spec) -> Vectors<'a> {
        let argv0 = spec.argv0.as_deref().unwrap_or(&spec.program);
        let words = std::iter::once(argv0).chain(spec.args.words().iter().map(|word| word.text));
        let argv = words.map(CStr::as_ptr).chain([std::ptr::null()]).collect();
        let block = spec.env.block();
        let envp = block.iter().map(|entry| entry.as_ptr().cast()).chain([std::ptr::null()]).collect();
        Vectors { argv, envp, _owners: (spec, block) }
    }

    pub(crate) fn argv(&self) -> *const *const c_char {
        self.argv.as_ptr()
    }

    pub(crate) fn envp(&self) -> *const *const c_char {
        self.envp.as_ptr()
    }
}
