//! The words of a declaration, as items, so that an editor shows their documentation, for example on `buffer` in
//! `stdout: buffer`.

#![allow(non_camel_case_types, non_upper_case_globals, reason = "the items are spelled as in a declaration")]

pub mod caps;
pub mod descendants;
pub mod env;
pub mod keys;
pub mod limits;
pub mod marks;
pub mod signals;

/// Stream kinds of `stdin`.
pub mod stdin {
    use crate::stdio::{Buffer, Direct, Pipe};

    /// `stdin: null`, the default: `/dev/null`, which is at end-of-file.
    pub type null = Direct;
    /// `stdin: inherit`: the parent's stdin, or `/dev/null` if the parent has it closed.
    pub type inherit = Direct;
    /// `stdin: buffer(bytes)`: any bytes, written while the child runs. If the child closes its stdin, that is not an
    /// error.
    pub type buffer = Buffer;
    /// `stdin: file(path)`: a file that the parent opens for reading.
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

            /// `null`: the output is discarded.
            pub type null = Direct;
            /// `inherit`: the parent's stream, or `/dev/null` if the parent has it closed.
            pub type inherit = Direct;
            /// `log`, the default with `run`: each line goes to the log at debug level, in bounded memory. The last 4
            /// KiB of stderr are kept for the error.
            pub type log = Log;
            /// `buffer`, `buffer(max = bytes)`: returned as bytes. More than the bound (default 64 MiB) is an error
            /// that carries the bytes read.
            pub type buffer = Buffer;
            /// `text`, `text(max = bytes)`: as `buffer`, but returned as `str`. Invalid UTF-8 is an error that carries
            /// the bytes.
            pub type text = Text;
            /// `file_buffer`, `file_buffer(max = bytes)`: as `buffer`, but the output goes to a memfd
            /// (memfd_create(2)), which is read when the program has ended. So no leftover can hold the stream open,
            /// and this process has no work while the program runs.
            ///
            /// The program sees a regular file. If it reopens the file, as in `echo > /dev/stdout`, the file is
            /// truncated. A program that checks for a file buffers its output accordingly. No write blocks, so all
            /// output is in memory, charged to the program, before the bound is checked. More than the bound (default
            /// 64 MiB) is an error that carries the bytes within it; the program is not disturbed. While a long output
            /// is read back, it is in memory twice, and this takes longer than a pipe. Output that is written after the
            /// end of the program is lost.
            pub type file_buffer = Buffer;
            /// `file(path)`: created if necessary (mode 0666 minus the umask), truncated, and written to.
            pub type file = Direct;
            /// `append(path)`: created if necessary (mode 0666 minus the umask), and appended to.
            pub type append = Direct;
            /// `fd(&f)` borrows a descriptor, `fd(f)` moves one.
            pub type fd = Direct;
            /// `pipe`, `pipe(nonblocking)`: the parent holds the other end while the program runs.
            pub type pipe = Pipe;
            /// `lines(f)`: `f` is called with each line while the program runs. The line is a `&str` without its `\n`
            /// or `\r\n`. `f` returns `()`, or a `Result<(), _>` whose error ends the command.
            ///
            /// Invalid UTF-8 is replaced by U+FFFD, so that a name in another encoding does not end the program. With
            /// `lines(f, strict)`, a line with invalid UTF-8 ends the command with an error. `split(b'\n', f)` passes
            /// the bytes unchanged.
            pub type lines = Unset;
            /// `split(byte, f)`: `f` is called with each record, a `&[u8]` without the byte that ends it.
            pub type split = Unset;
            /// `stderr: stdout`: stderr goes to the same place as stdout.
            pub type stdout = Merged;
            #[doc(hidden)]
            pub type direct = Direct;
        }
    };
}

output!(stdout);
output!(stderr);

/// The values of `status`.
pub mod status {
    /// `success`, the default: only exit code 0 is accepted; with `success(0, 4)` only these codes. Any other ending is
    /// an error.
    pub type success = crate::status::Success;
    /// `code`: any exit code is returned. Death by a signal is an error.
    pub type code = crate::status::Code;
    /// `raw`: any ending is returned, as an [`ExitStatus`](std::process::ExitStatus).
    pub type raw = crate::status::Raw;
}
