//! A declared command.

use crate::error::{Error, Unwatched};
use crate::fds::{Fds, NoFds};
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
/// Its parameters say what the declaration said of the streams, of the status and of descriptors; those that it does not
/// mention keep their defaults. So `Command` alone names a command with nothing but a program, arguments, environment,
/// directory and umask, and `Command<Unset, Text>` one that returns its stdout as text:
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
/// A command is used up by what runs it, so that a descriptor that was moved into it is closed, and nothing is run twice
/// by accident. It is `Clone` where it owns no descriptor, `Send` and `'static` where it borrows none.
///
/// `Display` shows the variables that the declaration sets and the command line, quoted so that a POSIX shell reads the
/// same words; `{:#}` breaks the line before each option. Secrets are shown as `***`.
#[must_use = "a command does nothing until it is run: call `.run()`"]
pub struct Command<
    In: Stream = Unset,
    Out: Stream = Unset,
    Err: Stream = Unset,
    Exit: Status = Success,
    Held: Fds = NoFds,
    Running: Mode = Foreground,
> {
    /// Boxed, so that a command is moved in a register.
    pub(crate) spec: Box<Spec>,
    pub(crate) held: Held,
    pub(crate) on_stdout: Out::Handler,
    pub(crate) on_stderr: Err::Handler,
    pub(crate) types: Types<In, Out, Err, Exit, Running>,
}

impl<In: Stream, Out: Stream, Err: Stream, Exit: Status, Held: Fds, Running: Mode>
    Command<In, Out, Err, Exit, Held, Running>
{
    /// Taken apart for the code that runs it, whose result names the types.
    fn into_parts(self) -> Parts<Out, Err, Held> {
        let Command { spec, held, on_stdout, on_stderr, .. } = self;
        Parts { spec, held, on_stdout, on_stderr }
    }

    /// The arguments, without the program; secrets as they are.
    ///
    /// ```
    /// let git = airtight::command! { "git", args: ["log", ("--max-count", 3)] };
    /// assert!(git.args().eq(["log", "--max-count", "3"]));
    /// ```
    pub fn args(&self) -> impl Iterator<Item = &OsStr> {
        self.spec.args.words().iter().map(|word| OsStr::from_bytes(word.text.to_bytes()))
    }

    /// Writes the command as a line, as `Display` shows it, in one write(2) where the file takes it so.
    ///
    /// # Errors
    ///
    /// As write(2).
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

    /// Starts the program and leaves it running: a [`Child`](crate::Child) that holds the declared pipes.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), as far as the start.
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
    /// Waits for the program, and hardly for what it leaves behind: where something else still holds an output open when
    /// the program has ended, a stream that is logged or taken in lines is taken as far as it came. One that is returned
    /// or split is waited for one second from the program's end, and no longer than the timeout; then it is an error that
    /// carries what was read. See [the end of a command](crate::command!#the-end).
    ///
    /// # Errors
    ///
    /// See [`ErrorKind`](crate::ErrorKind). Whatever failed, what was captured until then is on the error.
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

    /// Starts the program and serves its streams in a thread: as [`run`](Self::run), without waiting.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), as far as the start; the rest comes from [`Background::wait`].
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

    /// Replaces the calling process by the program. A stream that was not declared is inherited.
    ///
    /// Comes back only if that fails, with this process as it was: descriptors, streams, directory, umask, ids,
    /// capabilities, nice value, CPUs, OOM score adjustment, signal actions, timers and limits. Four things cannot be
    /// taken back: a session or process group that was begun, a control group that was entered, a controlling terminal that was taken or given up, and a
    /// hard limit that was lowered by a process without CAP_SYS_RESOURCE; neither can what a `pre_exec` closure did.
    ///
    /// The steps are taken in a thread, while the calling one waits: a closure sees the variables of that thread. Signals
    /// that this process catches go to their handlers until the program is executed, those that it ignores do nothing. One
    /// that is blocked takes effect just before that, in the thread: at its default action, it may end the process.
    ///
    /// The program gets no timer of alarm(2) or setitimer(2), and no record lock (`F_SETLK`) of this process, which end with
    /// its table of descriptors; locks of flock(2) and `F_OFD_SETLK` stay with what is passed on. A process that leads a
    /// session already is what `session` declares, and lets go of its terminal; one that leads a process group alone
    /// cannot begin a session. With `pdeathsig` the parent is that of this process. A `timeout` has no meaning here, since
    /// nobody is left to enforce it.
    ///
    /// ```no_run
    /// let error = airtight::command! { "less", args: ["/etc/motd"] }.exec();
    /// eprintln!("{error}");
    /// std::process::exit(1);
    /// ```
    #[must_use = "the process was not replaced: this is why"]
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
    /// Starts the daemon, and returns when its program has been executed.
    ///
    /// # Errors
    ///
    /// The step that failed, of the daemon or of the process between; nothing is left running then, and no pidfile.
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
    /// Refused: what waits for a word cannot be run at once.
    #[doc(hidden)]
    pub fn run(self) -> Result<Pending<In, Out, Err, Exit, Running>, Error>
    where
        Waiting<Running>: AtOnce,
    {
        pending::spawn(self.into_parts())
    }
}

/// Runs any command to its end: for code that is handed a command and does not care what it returns.
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
    /// What the command returns.
    type Output;

    /// As [`Command::run`].
    ///
    /// # Errors
    ///
    /// As [`Command::run`].
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
