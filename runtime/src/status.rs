//! The forms of `status`: which endings of a program are a success, and which status is returned.

use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// `success`, the default: only exit code 0 is accepted, and no status is returned.
#[derive(Debug)]
pub enum Success {}

/// `code` (any exit code) or `success(0, 4)` (one of these): the exit code is returned.
#[derive(Debug)]
pub enum Code {}

/// `raw`: any ending is accepted, including death by a signal, and the status is returned.
#[derive(Debug)]
pub enum Raw {}

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Success {}
    impl Sealed for super::Code {}
    impl Sealed for super::Raw {}
}

/// A form of `status`. This trait is sealed: [`Success`], [`Code`] and [`Raw`] implement it.
pub trait Status: sealed::Sealed {
    /// The type that `Output::status` returns.
    type Value: Copy + Send + 'static;

    #[doc(hidden)]
    fn value(status: ExitStatus) -> Self::Value;
}

impl Status for Success {
    type Value = ();

    fn value(_: ExitStatus) {}
}

impl Status for Code {
    type Value = i32;

    fn value(status: ExitStatus) -> i32 {
        // Only a normal exit is accepted, so there is a code.
        status.code().unwrap_or(-1)
    }
}

impl Status for Raw {
    type Value = ExitStatus;

    fn value(status: ExitStatus) -> ExitStatus {
        status
    }
}

/// A form of `status` that returns a status.
#[diagnostic::on_unimplemented(
    message = "the status of this command is not returned",
    label = "this command returns only on success",
    note = "declare `status: code` for any exit code, `status: success(0, 4)` for some, `status: raw` for any wait \
        status"
)]
pub trait StatusReturned: Status {}

#[diagnostic::do_not_recommend]
impl StatusReturned for Code {}
#[diagnostic::do_not_recommend]
impl StatusReturned for Raw {}

/// The endings that are not errors.
#[derive(Clone, Debug)]
pub(crate) enum Accepted {
    /// Exit code 0 only.
    Success,
    Codes(Vec<u8>),
    AnyCode,
    Any,
}

impl Accepted {
    pub(crate) fn accepts(&self, status: ExitStatus) -> bool {
        match self {
            Accepted::Success => status.code() == Some(0),
            Accepted::Codes(codes) => {
                status.code().is_some_and(|code| codes.iter().any(|known| i32::from(*known) == code))
            }
            Accepted::AnyCode => status.code().is_some(),
            Accepted::Any => true,
        }
    }
}

/// For example "exited with code 1" or "was killed by SIGKILL (core dumped)".
pub(crate) fn describe(status: ExitStatus) -> String {
    if let Some(code) = status.code() {
        return format!("exited with code {code}");
    }
    let signal = status.signal().unwrap_or(0);
    let core = if status.core_dumped() { " (core dumped)" } else { "" };
    format!("was killed by {}{core}", signal_name(signal))
}

/// For example `SIGTERM`, or `signal 35` if it has no name.
pub(crate) fn signal_name(signal: i32) -> String {
    match nix::sys::signal::Signal::try_from(signal) {
        Ok(known) => known.as_str().to_owned(),
        Err(_) => format!("signal {signal}"),
    }
}
