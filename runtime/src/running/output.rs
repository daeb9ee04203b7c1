//! The output of a command.

use crate::secret::Secrets;
use crate::status::{Status, StatusReturned, Success};
use crate::stdio::{Returned, Stream, Unset};
use std::fmt;

/// The output of a command that has ended: the streams and the status that were declared to be returned. The bytes are
/// exactly those that the program wrote. `Debug` shows them as text with secrets hidden.
///
/// ```
/// let output = airtight::command! { "uname", args: ["-s"], stdout: text, status: code }.run()?;
/// assert_eq!(output.stdout(), "Linux\n");
/// assert_eq!(output.status(), 0);
/// # Ok::<(), airtight::Error>(())
/// ```
pub struct Output<Out: Stream = Unset, Err: Stream = Unset, Exit: Status = Success> {
    pub(crate) stdout: Out::Captured,
    pub(crate) stderr: Err::Captured,
    pub(crate) status: Exit::Value,
    /// The secrets that `Debug` hides.
    pub(crate) secrets: Secrets,
}

impl<Out: Stream, Err: Stream, Exit: Status> Output<Out, Err, Exit> {
    /// The output that the program wrote to stdout: bytes if it was declared `buffer`, a `str` if `text`. Secrets in it
    /// are not hidden.
    ///
    /// ```
    /// let echo = airtight::command! { "echo", args: ["hello"], stdout: buffer }.run()?;
    /// assert_eq!(echo.stdout(), b"hello\n");
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn stdout(&self) -> &Out::View
    where
        Out: Returned,
    {
        Out::view(&self.stdout)
    }

    /// Returns stdout as an owned `Vec<u8>` or `String`.
    ///
    /// ```
    /// let hello: String = airtight::command! { "echo", args: ["hello"], stdout: text }.run()?.into_stdout();
    /// # assert_eq!(hello, "hello\n");
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn into_stdout(self) -> Out::Captured
    where
        Out: Returned,
    {
        self.stdout
    }

    /// The output that the program wrote to stderr: bytes if it was declared `buffer`, a `str` if `text`. Secrets in it
    /// are not hidden.
    ///
    /// ```
    /// let ls = airtight::command! { "ls", args: ["/nonexistent"], stderr: text, status: code }.run()?;
    /// assert!(ls.stderr().contains("/nonexistent"));
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn stderr(&self) -> &Err::View
    where
        Err: Returned,
    {
        Err::view(&self.stderr)
    }

    /// Returns stderr as an owned `Vec<u8>` or `String`.
    ///
    /// ```
    /// let warnings: Vec<u8> = airtight::command! { "true", stderr: buffer }.run()?.into_stderr();
    /// assert!(warnings.is_empty());
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn into_stderr(self) -> Err::Captured
    where
        Err: Returned,
    {
        self.stderr
    }

    /// Returns both outputs as owned values.
    ///
    /// ```
    /// let (out, err) = airtight::command! { "echo", stdout: text, stderr: text }.run()?.into_streams();
    /// assert_eq!((out.as_str(), err.as_str()), ("\n", ""));
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn into_streams(self) -> (Out::Captured, Err::Captured)
    where
        Out: Returned,
        Err: Returned,
    {
        (self.stdout, self.stderr)
    }

    /// The status of the program: an exit code from 0 to 255 if `status: code` or `status: success(…)` was declared, an
    /// [`ExitStatus`](std::process::ExitStatus) if `status: raw`.
    ///
    /// ```
    /// let found = airtight::command! { "grep", args: ["-q", "root", "/etc/passwd"], status: success(0, 1) }.run()?;
    /// assert_eq!(found.status(), 0);
    /// # Ok::<(), airtight::Error>(())
    /// ```
    pub fn status(&self) -> Exit::Value
    where
        Exit: StatusReturned,
    {
        self.status
    }
}

impl<Out: Stream, Err: Stream, Exit: Status> fmt::Debug for Output<Out, Err, Exit>
where
    Exit::Value: fmt::Debug,
{
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |bytes: Option<&[u8]>| {
            bytes.map(|bytes| String::from_utf8_lossy(&self.secrets.hide(bytes, false)).into_owned())
        };
        let mut output = f.debug_struct("Output");
        for (name, text) in [("stdout", shown(Out::bytes(&self.stdout))), ("stderr", shown(Err::bytes(&self.stderr)))] {
            match text {
                Some(text) => output.field(name, &text),
                None => output.field(name, &()),
            };
        }
        output.field("status", &self.status).finish()
    }
}
