//! A declared command.

use crate::error::{Error, Unwatched};
use crate::fds::{Fds, NoFds, WithoutOwner};
use crate::marker::Types;
use crate::mode::{AtOnce, Base, Daemonized, Foreground, Mode, Parts, Spawnable, Waiting};
use crate::running::background::{self, Background};
use crate::running::daemon::{self, Daemon};
use crate::running::output::Output;
use crate::running::pending::{self, Pending};
use crate::running::{exec, run};
use crate::spec::Spec;
use crate::status::{Status, Success};
use crate::stdio::{Alongside, Kept, RunWith, Served, Stream, Unattended, Unset};
use std::ffi::OsStr;
use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::os::fd::AsFd;
use std::os::unix::ffi::OsStrExt;

/// A command that was declared with [`command!`](crate::command!) and has not been started.
///
/// Its type parameters say how the streams, the status and the descriptors were declared. A parameter that the
/// declaration does not mention has its default. So `Command` alone is a command that declares at most arguments, an
/// environment, a directory and a umask, and `Command<Unset, Text>` is one that returns its stdout as text:
///
/// ```
/// use airtight::stdio::{Text, Unset};
/// use airtight::{Command, command};
///
/// struct Repository {
///     git: Command,
/// }
///
/// impl Repository {
///     fn open(path: &str) -> Repository {
///         Repository { git: command! { "git", cwd: path, env: inherit + remove(GIT_DIR) } }
///     }
///
///     fn query(&self, what: &str) -> Command<Unset, Text> {
///         command! { ..self.git.clone(), args: ["rev-parse", what], stdout: text }
///     }
/// }
///
/// let repository = Repository::open("/srv/project");
/// assert_eq!(repository.query("HEAD").to_string(), "git rev-parse HEAD");
/// ```
///
/// | parameter | is | by default |
/// |---|---|---|
/// | `In`, `Out`, `Err` | a kind of [`stdio`](crate::stdio) | [`Unset`] |
/// | `Exit` | a form of [`status`](crate::status) | [`Success`] |
/// | `Held` | the descriptors of [`fds`](crate::fds) | [`NoFds`] |
/// | `Running` | a [`mode`](crate::mode) of running | [`Foreground`] |
///
/// A method that runs a command consumes it, so that a descriptor that was moved into it is closed, and no command runs
/// twice by accident. A command is `Clone` if it owns no descriptor, and `Send` and `'static` if it borrows none.
///
/// `Display` shows the variables that the declaration sets and the command line, quoted so that a POSIX shell reads the
/// same words. `{:#}` begins a new line before each option. Secrets are shown as `***`.
#[must_use = "a command does nothing until it is run: call `.run()`"]
pub struct Command<
    In: Stream = Unset,
    Out: Stream = Unset,
    Err: Stream = Unset,
    Exit: Status = Success,
    Held: Fds = NoFds,
    Running: Mode = Foreground,
> {
    /// Boxed, so that moving a command moves a pointer.
    pub(crate) spec: Box<Spec>,
    pub(crate) held: Held,
    pub(crate) on_stdout: Out::Handler,
    pub(crate) on_stderr: Err::Handler,
    pub(crate) types: Types<In, Out, Err, Exit, Running>,
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>
    Command<In, Out, Err, Exit, Held, Running>
{
    /// Splits it into the parts that a mode runs; the result type names the type parameters.
    fn into_parts(self) -> Parts<Out, Err, Held> {
        let Command { spec, held, on_stdout, on_stderr, .. } = self;
        Parts { spec, held, on_stdout, on_stderr }
    }

    /// Changes the declaration and the held descriptors.
    pub(crate) fn map<New: Fds>(
        self,
        change: impl FnOnce(&mut Spec, Held) -> New,
    ) -> Command<In, Out, Err, Exit, New, Running> {
        let Command { mut spec, held, on_stdout, on_stderr, .. } = self;
        let held = change(&mut spec, held);
        Command { spec, held, on_stdout, on_stderr, types: PhantomData }
    }

    /// Changes the types, and the callbacks with them.
    pub(crate) fn retype<NewIn: Stream, NewOut: Stream, NewErr: Stream, NewExit: Status, NewRunning: Mode>(
        self,
        handlers: impl FnOnce(Out::Handler, Err::Handler) -> (NewOut::Handler, NewErr::Handler),
    ) -> Command<NewIn, NewOut, NewErr, NewExit, Held, NewRunning> {
        let Command { spec, held, on_stdout, on_stderr, .. } = self;
        let (on_stdout, on_stderr) = handlers(on_stdout, on_stderr);
        Command { spec, held, on_stdout, on_stderr, types: PhantomData }
    }

    /// The arguments without the program. Secrets in them are not hidden.
    ///
    /// ```
    /// let git = airtight::command! { "git", args: ["log", ("--max-count", 3)] };
    /// assert!(git.args().eq(["log", "--max-count", "3"]));
    /// ```
    pub fn args(&self) -> impl Iterator<Item = &OsStr> {
        self.spec.args.words().iter().map(|word| OsStr::from_bytes(word.text.to_bytes()))
    }

    /// Writes the command to `log` as one line, as `Display` shows it. It calls write(2) once, and again only after a
    /// short write.
    ///
    /// # Errors
    ///
    /// Those of write(2).
    ///
    /// ```
    /// let log = std::fs::File::options().append(true).open("/dev/null")?;
    /// airtight::command! { "mount", args: ["-o", "ro", "/dev/sdb1", "/mnt"] }.write_log(&log)?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn write_log(&self, log: impl AsFd) -> io::Result<()> {
        let line = format!("{}\n", self.spec);
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            match nix::unistd::write(&log, rest) {
                Ok(written) => rest = &rest[written..],
                Err(nix::errno::Errno::EINTR) => {}
                Err(errno) => return Err(errno.into()),
            }
        }
        Ok(())
    }

    /// As `Clone`, refused in words of its own where the command owns a descriptor. Generic code uses the trait.
    #[doc(hidden)]
    #[allow(clippy::should_implement_trait, reason = "the trait is implemented too")]
    pub fn clone(&self) -> Self
    where
        Held: WithoutOwner,
        Out: Stream<Handler: Clone>,
        Err: Stream<Handler: Clone>,
    {
        Clone::clone(self)
    }

    /// Starts the program and returns while it runs. The [`Child`](crate::Child) holds the ends of the declared pipes.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that concern the start.
    ///
    /// ```
    /// use std::io::{Read, Write};
    /// let mut bc = airtight::command! { "cat", stdin: pipe, stdout: pipe }.spawn()?;
    /// let (mut input, mut output) = (bc.take_stdin().expect("a pipe"), bc.take_stdout().expect("a pipe"));
    /// input.write_all(b"to and fro")?;
    /// drop(input);
    /// let mut text = String::new();
    /// output.read_to_string(&mut text)?;
    /// bc.wait()?;
    /// assert_eq!(text, "to and fro");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn spawn(self) -> Result<Running::Spawned<In, Out, Err, Exit>, Error>
    where
        Running: Spawnable,
        In: Alongside,
        Out: Alongside,
        Err: Alongside,
    {
        Running::spawn::<In, Out, Err, Exit, Held>(self.into_parts())
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds> Command<In, Out, Err, Exit, Held> {
    /// Starts the program, serves its streams, and waits until it ends.
    ///
    /// Waits for the program, but hardly for leftovers. If a leftover still holds an output open when the program has
    /// ended, a stream that is logged or split into lines is read only as far as it has come. A stream that is returned
    /// or split at another byte is waited for, at most one second from the program's end and not beyond the timeout;
    /// then the call fails with an error that carries the bytes read. See [the end of a
    /// command](crate::command!#the-end).
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind). Every error carries the output that was captured before it.
    ///
    /// ```
    /// let kernel = airtight::command! { "uname", args: ["-r"], stdout: text }.run()?;
    /// println!("running on {}", kernel.stdout().trim());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn run(self) -> Result<Output<Out, Err, Exit>, Error>
    where
        In: Served,
        Out: Served,
        Err: Served,
    {
        run::run(self.into_parts())
    }

    /// Starts the program, serves its streams in a thread as [`run`](Self::run) does, and returns without waiting.
    ///
    /// # Errors
    ///
    /// Those of [`run`](Self::run) that concern the start. [`Background::wait`] returns the others.
    ///
    /// ```
    /// let date = airtight::command! { "date", stdout: text }.background()?;
    /// println!("{}", date.wait()?.stdout());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn background(self) -> Result<Background<Out, Err, Exit>, Error>
    where
        In: Served,
        Out: Served<Handler: Send + 'static> + 'static,
        Err: Served<Handler: Send + 'static> + 'static,
        Exit: 'static,
    {
        background::background(self.into_parts())
    }

    /// Replaces the calling process by the program. Streams that are not declared are inherited.
    ///
    /// Returns only on failure, after it has restored this process: descriptors, streams, directory, umask, ids,
    /// capabilities, nice value, CPU affinity, OOM score adjustment, signal actions, timers and limits. It cannot
    /// restore a session or process group that was created, a control group that was entered, a controlling terminal
    /// that was taken or given up, or a hard limit that was lowered by a process without CAP_SYS_RESOURCE. It does not
    /// undo the effects of a `pre_exec` closure.
    ///
    /// A new thread takes the steps while the calling thread waits, so a closure sees the thread-local variables of the
    /// new thread. Until the program is executed, signals that this process catches go to their handlers, and those
    /// that it ignores have no effect. A pending signal that this process blocks is delivered to the new thread just
    /// before exec; its default action may end the process.
    ///
    /// The program does not get timers of alarm(2) or setitimer(2). Record locks of this process (`F_SETLK`) end with
    /// its descriptor table; locks of flock(2) and `F_OFD_SETLK` stay with passed descriptors. With `session`, a
    /// process that already leads a session keeps it and gives up its terminal; a process that leads only a process
    /// group cannot create a session. With `pdeathsig`, the parent is that of this process. A `timeout` has no effect,
    /// since no process is left to enforce it.
    ///
    /// ```no_run
    /// let error = airtight::command! { "less", args: ["/etc/motd"] }.exec();
    /// eprintln!("{error}");
    /// std::process::exit(1);
    /// ```
    #[must_use = "`exec` returns only if it failed: handle this error"]
    pub fn exec(self) -> Error
    where
        In: Kept,
        Out: Kept,
        Err: Kept,
    {
        let Command { mut spec, held, .. } = self;
        spec.refuse_descendants(Unwatched::Replacement);
        exec::exec(&spec, &held)
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds> Command<In, Out, Err, Exit, Held, Daemonized> {
    /// Starts the daemon, and returns once it has executed the program.
    ///
    /// # Errors
    ///
    /// A step of the daemon or of the intermediate process failed. Then no process is left running, and no pidfile
    /// remains.
    ///
    /// ```
    /// let daemon = airtight::command! { "sleep", args: [1], daemonize }.run()?;
    /// assert!(daemon.id() > 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn run(self) -> Result<Daemon<In, Out, Err>, Error>
    where
        In: Unattended,
        Out: Unattended,
        Err: Unattended,
    {
        daemon::run(self.into_parts())
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Base>
    Command<In, Out, Err, Exit, Held, Waiting<Running>>
{
    /// Rejected at compile time: a command with a handshake cannot be run at once.
    #[doc(hidden)]
    pub fn run(self) -> Result<Pending<In, Out, Err, Exit, Running>, Error>
    where
        Waiting<Running>: AtOnce,
    {
        pending::spawn(self.into_parts())
    }
}

/// Runs any command to its end: for code that is generic over commands and their outputs.
///
/// ```
/// use airtight::{Error, Run, command};
///
/// fn retried<C: Run + Clone>(times: u32, command: &C) -> Result<C::Output, Error> {
///     let mut result = command.clone().run();
///     for _ in 1..times {
///         if result.is_ok() {
///             break;
///         }
///         result = command.clone().run();
///     }
///     result
/// }
///
/// let output = retried(3, &command! { "echo", args: ["once"], stdout: text })?;
/// assert_eq!(output.stdout(), "once\n");
/// # Ok::<(), Error>(())
/// ```
pub trait Run {
    /// The output of the command.
    type Output;

    /// Runs the command, as [`Command::run`] does.
    ///
    /// # Errors
    ///
    /// Those of [`Command::run`].
    fn run(self) -> Result<Self::Output, Error>;
}

impl<In, Out, Err, Exit: Status, Held: Fds, Running: AtOnce> Run for Command<In, Out, Err, Exit, Held, Running>
where
    In: RunWith<Running>,
    Out: RunWith<Running>,
    Err: RunWith<Running>,
{
    type Output = Running::Ran<In, Out, Err, Exit>;

    fn run(self) -> Result<Self::Output, Error> {
        Running::run::<In, Out, Err, Exit, Held>(self.into_parts())
    }
}

impl<In, Out, Err, Exit: Status, Held: Fds + Clone, Running: Mode> Clone for Command<In, Out, Err, Exit, Held, Running>
where
    In: Stream,
    Out: Stream<Handler: Clone>,
    Err: Stream<Handler: Clone>,
{
    fn clone(&self) -> Self {
        Command {
            spec: self.spec.clone(),
            held: self.held.clone(),
            on_stdout: self.on_stdout.clone(),
            on_stderr: self.on_stderr.clone(),
            types: PhantomData,
        }
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode> fmt::Display
    for Command<In, Out, Err, Exit, Held, Running>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.spec.fmt(f)
    }
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode> fmt::Debug
    for Command<In, Out, Err, Exit, Held, Running>
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.spec)
    }
}
