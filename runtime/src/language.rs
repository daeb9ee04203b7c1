//! The words of a declaration, as items: what an editor shows on `buffer` in `stdout: buffer` is written here.

#![allow(non_camel_case_types, reason = "the words are written as in a declaration")]

/// Kinds of `stdin`.
pub mod stdin {
    use crate::stdio::{Buffer, Direct};

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
    #[doc(hidden)]
    pub type direct = Direct;
}

macro_rules! output {
    ($stream:ident) => {
        #[doc = concat!("Kinds of `", stringify!($stream), "`.")]
        pub mod $stream {
            use crate::stdio::{Buffer, Direct, Log, Merged, Text};

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
            /// `file(path)`: created if need be (mode 0666 less the umask), emptied, and written to.
            pub type file = Direct;
            /// `append(path)`: created if need be (mode 0666 less the umask), and written to at its end.
            pub type append = Direct;
            /// `fd(&f)` borrows a descriptor, `fd(f)` moves one.
            pub type fd = Direct;
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
