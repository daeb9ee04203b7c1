//! Starts other programs with nothing leaking in or out: no shell, no stray descriptor, no signal setting of the parent,
//! no zombie, no deadlock on a pipe, nothing that the declaration does not state.
//!
//! [`command!`] declares how one program is run and refuses misuse while it compiles; [`Command::run`] starts it, serves
//! its streams and reports how it ended. [`Command::background`] does so in a thread, [`Command::spawn`] leaves the
//! program running alongside, and a command that is declared `daemonize` becomes a [`Daemon`].
//!
//! ```
//! use airtight::command;
//!
//! fn branch_of(repository: &str) -> Result<String, airtight::Error> {
//!     let git = command! {
//!         "git",
//!         args: ["rev-parse", "--abbrev-ref", "HEAD"],
//!         env: pass_common + { GIT_OPTIONAL_LOCKS = 0 },
//!         cwd: repository,
//!         stdout: text,
//!     };
//!     Ok(git.run()?.stdout().trim().to_owned())
//! }
//! let error = branch_of("/nonexistent").unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     "`git` was not started: cannot change directory to `/nonexistent`: No such file or directory (os error 2)"
//! );
//! ```
//!
//! # What a child gets
//!
//! Exactly what is declared: the descriptors 0, 1 and 2 and no other; every signal at its default action and none
//! blocked, whatever the parent ignores or blocks; the declared environment; the declared directory and umask, or the
//! parent's; and, where they are declared, identity, capabilities, limits and labels. It is started by a clone that shares
//! the parent's memory until the program is executed, so that starting costs the same however much memory the parent
//! holds. (Two things cost more in a large parent: a change of ids, during which shared memory would be open to their new
//! owner, and `pre_exec`, for which libc must fork.)
//!
//! # Features
//!
//! - `tracing` (on by default): lines of streams that are declared `log` go to [`tracing`](https://docs.rs/tracing), at
//!   debug level under the target `airtight`, with `program`, `pid` and `stream` as fields. Without it, or where nobody
//!   listens, such a stdout goes to `/dev/null`, and of such a stderr the end is kept for the error.
//!
//! - `dry-run`: the module `dry_run`, for tests of code that runs commands, without running any.
//!
//! Linux 5.4 or later, on x86_64 and aarch64.

#![deny(unsafe_code)]

#[cfg(feature = "dry-run")]
pub mod dry_run;
pub mod fds;
pub mod language;
pub mod mode;
pub mod status;
pub mod stdio;

/// Each function of libvirt's command header, and what replaces it.
#[doc = include_str!("../docs/libvirt.md")]
pub mod libvirt {}

/// A `clippy.toml` for crates that must start programs in no other way.
///
/// Copied into the workspace, it makes clippy refuse `std::process::Command::new`, `libc::system`, `fork`, `execv` and
/// their like, in `std`, `libc`, `nix`, tokio and other crates, each with what to write instead:
///
/// ```toml
#[doc = include_str!("../docs/clippy.toml")]
/// ```
pub mod clippy {}

/// The rules: what the compiler refuses, why, and what to write.
#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

/// What is promised, each with the test that breaks where it does not hold; and every `unsafe` block.
#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}

/// What comes of each system call of a start that fails.
///
#[doc = include_str!("../docs/faults.md")]
pub mod faults {}

/// How a command ends, and within which time, whatever its program does and leaves behind.
///
#[doc = include_str!("../docs/endings.md")]
pub mod endings {}

/// What a start costs as its parent grows, on each way of starting: the plot of `cargo bench`.
///
#[doc = include_str!("../docs/cost.svg")]
pub mod cost {}

// The other modules, in layers, the lowest first: none uses a module of a later layer. Of the public ones above, `fds`
// and `status` are ground, `stdio` and `language` come before `spec`, `mode` and `dry_run` before `running`.

// Ground: nothing in it knows commands. Where no safe wrapper of the kernel does, a module may be unsafe.
mod bound;
mod display;
#[allow(unsafe_code)]
mod engine;
#[allow(unsafe_code)]
mod fd;
#[allow(unsafe_code)]
mod fork;
mod log;
mod marker;
mod secret;
// A link to the folder of the macros: what both packages know of the language and of command lines.
mod shared;

// Why a command was refused, did not start or failed.
mod error;

// The declaration, owned.
mod spec;

// The plan that the parent makes of it.
#[allow(unsafe_code)]
mod plan;

// The child, up to exec.
#[allow(unsafe_code)]
mod spawn;

// The bytes of its streams.
#[allow(unsafe_code)]
mod capture;

// The ways to run a command, and what they return.
mod running;

// The type that users name, with a method for each way.
mod command;

// Called by expansions of the macros.
mod private;

/// Declares a list of arguments, checked where it is written: see [`Args`].
///
/// Takes what [`args` of `command!`](crate::command!#arguments) takes, and is spread into a declaration, or into another
/// list, with `..list`.
///
/// ```
/// use airtight::{args, command};
/// let common = args!["--quiet", ("--jobs", 4)];
/// let make = command! { "make", args: [..&common, "install"] };
/// assert_eq!(make.to_string(), "make --quiet --jobs 4 install");
/// ```
pub use airtight_macros::args;

#[doc = include_str!("../docs/command.md")]
pub use airtight_macros::command;

pub use command::{Command, Run};
pub use error::{Error, ErrorKind, Rule, Step};
pub use running::background::Background;
pub use running::child::{Child, Pid};
pub use running::daemon::Daemon;
pub use running::output::Output;
pub use running::pending::Pending;
pub use spec::args::{Args, Spread};
pub use spec::env::Pair;
pub use spec::value::Value;

// The macros make this name from their version: see `expand/names.rs` there.
#[doc(hidden)]
pub mod __0_1_0 {
    pub use crate::private::*;
}

const _: () = assert!(matches!(env!("CARGO_PKG_VERSION").as_bytes(), b"0.1.0"), "rename the module `__0_1_0`");
