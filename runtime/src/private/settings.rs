//! Functions that set the keys which are neither in a template nor change the type of a command.

use crate::command::Command;
use crate::error::{Fault, Refusal};
use crate::fds::{Add, Fds};
use crate::mode::Mode;
use crate::shared::command_line::shells::name_of_shell;
use crate::shared::words::words;
use crate::spec::Spec;
use crate::spec::settings::{Directory, Hook, Identity, Label, Leads, Limit, SchedCore};
use crate::spec::value::Hole;
use crate::status::Status;
use crate::stdio::Stream;
use std::io;
use std::sync::{Arc, Mutex};

/// The limit that there is none.
pub const UNLIMITED: u64 = u64::MAX;

pub fn resource_limit(spec: &mut Spec, resource: u32, soft: u64, hard: Option<u64>) {
    let hard = hard.unwrap_or(soft);
    spec.process.limits.retain(|earlier| earlier.resource != resource);
    spec.process.limits.push(Limit { resource, soft, hard });
}

pub fn pdeathsig(spec: &mut Spec, signal: i32) {
    spec.process.pdeathsig = Some(signal);
}

/// The value of `cpus`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a list of CPUs",
    label = "expected a list of `u32`",
    note = "for one CPU, write `cpus: [3]`"
)]
pub trait Cpus {
    fn cpus(&self) -> &[u32];
}

#[diagnostic::do_not_recommend]
impl<L: AsRef<[u32]> + ?Sized> Cpus for L {
    fn cpus(&self) -> &[u32] {
        self.as_ref()
    }
}

pub fn cpus(spec: &mut Spec, cpus: &(impl Cpus + ?Sized)) {
    let cpus = cpus.cpus();
    if cpus.is_empty() {
        spec.refuse(Refusal::key("cpus", Fault::NoCpus));
    }
    spec.process.cpus = cpus.to_vec();
}

pub fn process_group(spec: &mut Spec) {
    spec.process.leads = Some(Leads::Group);
}

pub fn session(spec: &mut Spec) {
    spec.process.leads = Some(Leads::Session);
}

pub fn session_with_terminal(spec: &mut Spec) {
    spec.process.leads = Some(Leads::SessionWithTerminal);
}

pub fn kill_descendants(spec: &mut Spec, kill: bool) {
    spec.process.kills_descendants = kill;
}

pub fn sched_core_new(spec: &mut Spec) {
    spec.process.sched_core = Some(SchedCore::New);
}

pub fn sched_core_share(spec: &mut Spec, pid: u32) {
    spec.process.sched_core = Some(SchedCore::Share(pid as i32));
}

pub fn selinux(spec: &mut Spec, label: Hole<'_>) {
    if let Some(text) = label.text() {
        spec.process.label = Some(Label::SeLinux(spec.c_string("selinux", &text)));
    }
}

pub fn apparmor(spec: &mut Spec, profile: Hole<'_>) {
    if let Some(text) = profile.text() {
        let text = [b"exec ", &*text].concat();
        spec.process.label = Some(Label::AppArmor(spec.c_string("apparmor", &text)));
    }
}

/// `sh -c script sh`: the arguments that follow are `$1` and so on, and never options.
pub fn shell_script(spec: &mut Spec, script: Hole<'_>, secret: bool) {
    let name = name_of_shell(spec.program.to_bytes());
    if name.is_none() {
        spec.refuse(Refusal::key("shell_script", Fault::NoShell));
    }
    spec.args.script(script, name.unwrap_or("sh").as_bytes(), secret);
}

/// # Safety
///
/// The closure runs between fork and exec, where other threads' locks are held for ever: it may do what is
/// async-signal-safe, and what the user knows to be.
pub unsafe fn pre_exec(spec: &mut Spec, hook: impl FnMut() -> io::Result<()> + Send + 'static) {
    let hook: Hook = Box::new(hook);
    spec.process.hook = Some(Arc::new(Mutex::new(hook)));
}

pub fn keep_caps(spec: &mut Spec, mask: u64) {
    spec.process.keep_caps = Some(mask);
}

pub fn user(spec: &mut Spec, name: Hole<'_>) {
    if let Some(name) = name.text() {
        if name.is_empty() {
            spec.refuse(Refusal::key("user", Fault::EmptyUser));
        }
        spec.process.identity = Some(Identity::Name(spec.c_string("user", &name)));
    }
}

pub fn ids(spec: &mut Spec, uid: u32, gid: u32, groups: &[u32]) {
    spec.process.identity = Some(Identity::Numbers { uid, gid, groups: groups.to_vec() });
}

/// A descriptor that the child uses and the program does not inherit.
macro_rules! used_descriptor {
    ($setter:ident, $set:expr) => {
        pub fn $setter<Fd, In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Add<Fd>, Running: Mode>(
            command: Command<In, Out, Err, Exit, Held, Running>,
            fd: Fd,
        ) -> Command<In, Out, Err, Exit, Held::Sum, Running>
        where
            Held::Sum: Fds,
        {
            command.map(|spec, held| {
                let (held, place) = held.add(fd);
                let set: fn(&mut Spec, usize) = $set;
                set(spec, place);
                held
            })
        }
    };
}

used_descriptor! { cwd_fd, |spec, place| spec.cwd = Some(Directory::Fd(place)) }

/// A number for a key, or none.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a number for this key",
    label = "expected `{T}`, or an `Option` of one"
)]
pub trait Number<T> {
    fn number(self) -> Option<T>;
}

#[diagnostic::do_not_recommend]
impl<T> Number<T> for T {
    fn number(self) -> Option<T> {
        Some(self)
    }
}

#[diagnostic::do_not_recommend]
impl<T> Number<T> for Option<T> {
    fn number(self) -> Option<T> {
        self
    }
}

/// The function of a key of a plain form, which sets the field of the same name.
macro_rules! setter {
    ($name:ident flag) => {
        pub fn $name(spec: &mut Spec) {
            spec.process.$name = true;
        }
    };
    ($name:ident number($type:ty $(, $($range:tt)*)?)) => {
        pub fn $name(spec: &mut Spec, number: impl Number<$type>) {
            spec.process.$name = number.number();
        }
    };
    ($name:ident fd) => {
        used_descriptor! { $name, |spec, place| spec.process.$name = Some(place) }
    };
    ($name:ident text) => {};
    ($name:ident own) => {};
    ($name:ident own_flag) => {};
}

macro_rules! setters {
    ($(
        $(#[$doc:meta])*
        $name:ident = $variant:ident: $form:ident $(($($operand:tt)*))? $(, barred $why:literal)?;
    )*) => {
        $(setter! { $name $form $(($($operand)*))? })*
    };
}

words! { setters }
