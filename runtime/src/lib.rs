//! Starts other programs so that nothing leaks in or out. There is no shell, no stray descriptor, no inherited signal
//! setting, no zombie and no deadlock on a pipe. The program gets only the state that its declaration names.
//!
//! [`command!`] declares how a program is run, and rejects misuse at compile time. [`Command::run`] starts the program,
//! serves its streams and reports how it ended. [`Command::background`] does so in a thread. [`Command::spawn`] returns
//! while the program runs. A command that is declared `daemonize` becomes a [`Daemon`].
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
//! # The state of a child
//!
//! A child has the descriptors 0, 1 and 2, and those that the declaration passes. Every signal has its default action
//! and none is blocked, even if the parent ignores or blocks it. The child has the declared environment, and the
//! declared directory and umask or else the parent's. Its identity, capabilities, limits and labels change if they are
//! declared. The clone call shares the parent's memory until the program is executed, so the cost of a start does not
//! grow with the size of the parent. A child that cannot share memory costs more in a large parent: one with `pre_exec`
//! or `handshake`, and one whose ids change, unless a small program in a memfd can make that change.
//!
//! # Features
//!
//! - `tracing` (on by default): lines of streams that are declared `log` go to [`tracing`](https://docs.rs/tracing), at
//!   debug level under the target `airtight`, with `program`, `pid` and `stream` as fields. Without the feature or a
//!   subscriber, such a stdout goes to `/dev/null`, and the end of such a stderr is kept for the error.
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

/// Each function of libvirt's command header, and its equivalent.
#[doc = include_str!("../docs/libvirt.md")]
pub mod libvirt {}

/// A `clippy.toml` for crates that must start programs only through `command!`.
///
/// Copied into the workspace, it makes clippy reject `std::process::Command::new`, `libc::system`, `fork`, `execv` and
/// similar functions of `std`, `libc`, `nix`, tokio and other crates. Each message names the replacement:
///
/// ```toml
#[doc = include_str!("../docs/clippy.toml")]
/// ```
pub mod clippy {}

/// The rules: which declarations the macros reject, why, and how to write them.
#[doc = include_str!("../docs/rules.md")]
pub mod rules {}

/// Each promise with its test, and every `unsafe` block.
#[doc = include_str!("../docs/guarantees.md")]
pub mod guarantees {}

/// How a start ends when one of its system calls fails.
///
#[doc = include_str!("../docs/faults.md")]
pub mod faults {}

/// How a command ends, and within which time.
///
#[doc = include_str!("../docs/endings.md")]
pub mod endings {}

/// The cost of a start as its parent grows, for each kind of child: the plot of `cargo bench`.
///
#[doc = include_str!("../docs/cost.svg")]
pub mod cost {}

// The other modules, in layers, the lowest first: no module uses one of a later layer. Of the public modules above,
// `fds` and `status` belong to the ground, `stdio` and `language` come before `spec`, and `mode` and `dry_run` before
// `running`.

// Ground: independent of commands. A module may use `unsafe` if no safe wrapper of a system call exists.
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
// A link into the macros: the parts of the language and of command lines that both packages need.
mod shared;

// Why a command was refused, did not start or failed.
mod error;

// The declaration, as an owned value.
mod spec;

// The plan of a start, which the parent computes.
#[allow(unsafe_code)]
mod plan;

// The child, up to exec.
#[allow(unsafe_code)]
mod spawn;

// The bytes of its streams.
#[allow(unsafe_code)]
mod capture;

// The methods that run a command, and the values that they return.
mod running;

// The type `Command`, with a method for each of them.
mod command;

// Functions that expansions of the macros call.
mod private;

/// Declares a list of arguments, which is checked at compile time. See [`Args`].
///
/// It takes the same items as [`args` of `command!`](crate::command!#arguments). `..list` spreads it into a declaration
/// or another list.
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
