//! The steps on the way to a program.

use std::fmt;

/// A step between the declaration and the program, in the order in which they are taken. The first ones are the
/// parent's, those from [`ResetSignals`](Step::ResetSignals) on the child's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Step {
    /// Open a file for a stream. See open(2).
    OpenStream,
    /// Make a pipe for a stream. See pipe(2).
    Pipe,
    /// Start the thread that serves a command in the background. See pthread_create(3).
    Thread,
    /// Map the child's stack. See mmap(2).
    Stack,
    /// Create the child. See clone(2).
    Clone,
    /// Find out how the start went. See read(2).
    Report,
    /// Give each signal its default action. See sigaction(2).
    ResetSignals,
    /// Set the file mode creation mask. See umask(2).
    Umask,
    /// Leave the parent's table of descriptors, and close what is not passed on. See close_range(2).
    CloseDescriptors,
    /// Open `/dev/null`, and check that it is the device. See null(4).
    DevNull,
    /// Give a descriptor its number. See dup(2).
    MoveDescriptor,
    /// Change directory. See chdir(2).
    Chdir,
    /// Empty the signal mask. See sigprocmask(2).
    UnblockSignals,
    /// Execute the program. See execve(2).
    Exec,
}

const ALL: [Step; 14] = [
    Step::OpenStream,
    Step::Pipe,
    Step::Thread,
    Step::Stack,
    Step::Clone,
    Step::Report,
    Step::ResetSignals,
    Step::Umask,
    Step::CloseDescriptors,
    Step::DevNull,
    Step::MoveDescriptor,
    Step::Chdir,
    Step::UnblockSignals,
    Step::Exec,
];

impl Step {
    /// The step that a child reported by its number.
    pub(crate) fn from_number(number: u32) -> Option<Step> {
        ALL.into_iter().find(|step| *step as u32 == number)
    }

    /// What the step does, to be followed by its operand.
    pub(super) fn phrase(self) -> &'static str {
        match self {
            Step::OpenStream => "open",
            Step::Pipe => "make a pipe for",
            Step::Thread => "start a thread that serves",
            Step::Stack => "map a stack for",
            Step::Clone => "create a process for",
            Step::Report => "learn the fate of",
            Step::ResetSignals => "reset the action of signal",
            Step::Umask => "set the umask",
            Step::CloseDescriptors => "close the descriptors from",
            Step::DevNull => "open the null device",
            Step::MoveDescriptor => "make descriptor",
            Step::Chdir => "change directory to",
            Step::UnblockSignals => "empty the signal mask of",
            Step::Exec => "execute",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Step::OpenStream => "open stream",
            Step::Pipe => "pipe",
            Step::Thread => "thread",
            Step::Stack => "map stack",
            Step::Clone => "clone",
            Step::Report => "report",
            Step::ResetSignals => "reset signals",
            Step::Umask => "umask",
            Step::CloseDescriptors => "close descriptors",
            Step::DevNull => "/dev/null",
            Step::MoveDescriptor => "move descriptor",
            Step::Chdir => "chdir",
            Step::UnblockSignals => "unblock signals",
            Step::Exec => "exec",
        })
    }
}
