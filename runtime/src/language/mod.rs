//! The words of a declaration, as items: what an editor shows on `buffer` in `stdout: buffer` is written here.

#![allow(non_camel_case_types, non_upper_case_globals, reason = "the words are written as in a declaration")]

pub mod caps;
pub mod descendants;
pub mod env;
pub mod keys;
pub mod limits;
pub mod marks;
pub mod signals;

/// Kinds of `stdin`.
pub mod stdin {
    use crate::stdio::{Buffer, Direct, Pipe};

    /// `stdin: null`, the default: reads nothing.
    pub type null = Direct;
    /// `stdin: inherit`: the parent's stdin, or `/dev/null` where the parent has none.
    pub type inherit = Direct;
    /// `stdin: buffer(bytes)`: any bytes, written while the child runs. A child that stops reading is no error.
    pub type buffer = Buffer;
    /// `stdin: file(path)`: opened for reading in the parent.
    pub type file = Direct;
    /// `stdin: fd(&f)` borrows a descriptor, `stdin: fd(f)` moves one.
    pub type fd = Direct;
    /// `stdin: pipe`, `stdin: pipe(nonblocking)`: the parent holds the other end while the program runs.
    pub type pipe = Pipe;
    #[doc(hidden)]
    pub type direct = Direct;
}

macro_rules! output {
    ($stream:ident) => {
        #[doc = concat!("Kinds of `", stringify!($stream), "`.")]
        pub mod $stream {
            use crate::stdio::{Buffer, Direct, Log, Merged, Pipe, Text, Unset};

            /// `null`: thrown away.
            pub type null = Direct;
            /// `inherit`: the parent's stream, or `/dev/null` where the parent has none.
            pub type inherit = Direct;
            /// `log`, the default with `run`: each line to the log at debug level, in bounded memory. Of stderr the
            /// last 4 KiB are kept for the error.
            pub type log = Log;
            /// `buffer`, `buffer(max = bytes)`: returned as bytes. More than the bound (64 MiB without one) is an
            /// error that carries what was read.
            pub type buffer = Buffer;
            /// `text`, `text(max = bytes)`: as `buffer`, returned as `str`. Invalid UTF-8 is an error that carries
            /// the bytes.
            pub type text = Text;
            /// `file_buffer`, `file_buffer(max = bytes)`: as `buffer`, by way of a file in memory
            /// (memfd_create(2)) that is read when the program has ended. What it is good for: nothing that the program
            /// leaves running can hold the stream open, and this process has nothing to do while the program runs.
            ///
            /// What it costs: to the program it is a regular file. Opened again it is emptied
            /// (`echo > /dev/stdout`), and a program that looks buffers as it does for a file. Nothing waits for a
            /// reader, so that all of the output is in memory, counted as the program's own, before the bound is looked
            /// at: more than the bound (64 MiB without one) is an error with what was within it, and the program is not
            /// disturbed. Much output is twice in memory while it is read back, which takes longer than a pipe. What is
            /// written after the end of the program is lost.
            pub type file_buffer = Buffer;
            /// `file(path)`: created if need be (mode 0666 less the umask), emptied, and written to.
            pub type file = Direct;
            /// `append(path)`: created if need be (mode 0666 less the umask), and written to at its end.
            pub type append = Direct;
            /// `fd(&f)` borrows a descriptor, `fd(f)` moves one.
            pub type fd = Direct;
            /// `pipe`, `pipe(nonblocking)`: the parent holds the other end while the program runs.
            pub type pipe = Pipe;
            /// `lines(f)`: `f` is called with each line, a `&str` without its end (`\n` or `\r\n`), while the program
            /// runs. It returns nothing, or a `Result<(), _>` whose error ends the command.
            ///
            /// Bytes that are no UTF-8 come as U+FFFD: a name in another encoding is no reason to end a program in the
            /// middle of its work. With `lines(f, strict)` such a line ends the command with an error; `split(b'\n', f)`
            /// gives the bytes as they are.
            pub type lines = Unset;
            /// `split(byte, f)`: `f` is called with each record, a `&[u8]` without the byte that ends it.
            pub type split = Unset;
            /// `stderr: stdout`: goes where stdout goes.
            pub type stdout = Merged;
            #[doc(hidden)]
            pub type direct = Direct;
        }
    };
}

output!(stdout);
output!(stderr);

/// Forms of `status`.
pub mod status {
    /// `success`, the default: any exit code but 0 (or, with `success(0, 4)`, but these) is an error.
    pub type success = crate::status::Success;
    /// `code`: any exit code is returned; death by a signal is an error.
    pub type code = crate::status::Code;
    /// `raw`: any ending is returned as an [`ExitStatus`](std::process::ExitStatus).
    pub type raw = crate::status::Raw;
}
