//! What a stream is of, as the types of a [`Command`](crate::Command) say it.
//!
//! A command names the kinds of its three streams in its type, so that what cannot be is refused while the program
//! compiles: `Output::stdout` is there if the declaration said `stdout: buffer` or `stdout: text`, and not otherwise.

use std::str::Utf8Error;

/// A stream that the declaration does not mention. With `run`: stdin is `/dev/null`, an output is as [`Log`].
#[derive(Debug)]
pub enum Unset {}

/// `null`, `inherit`, `file(path)`, `append(path)`, `fd(f)`: the child uses it by itself, and nothing is returned.
#[derive(Debug)]
pub enum Direct {}

/// `log`: each line goes to the log.
#[derive(Debug)]
pub enum Log {}

/// `buffer`: bytes, fed to stdin or returned of an output.
#[derive(Debug)]
pub enum Buffer {}

/// `text`: an output returned as UTF-8.
#[derive(Debug)]
pub enum Text {}

/// `stderr: stdout`: goes where stdout goes.
#[derive(Debug)]
pub enum Merged {}

mod sealed {
    pub trait Sealed {}
}

/// A kind of stream. Sealed: the kinds are those of this module.
pub trait Stream: sealed::Sealed {
    /// What `Output` owns of the stream.
    type Captured: Send + 'static;
    /// What `Output` lends of it.
    type View: ?Sized;

    #[doc(hidden)]
    fn captured(bytes: Vec<u8>) -> Result<Self::Captured, (Vec<u8>, Utf8Error)>;
    #[doc(hidden)]
    fn view(captured: &Self::Captured) -> &Self::View;
    #[doc(hidden)]
    fn into_bytes(captured: Self::Captured) -> Vec<u8>;
}

macro_rules! returns_nothing {
    ($($kind:ident)*) => {$(
        impl sealed::Sealed for $kind {}
        impl Stream for $kind {
            type Captured = ();
            type View = ();

            fn captured(_: Vec<u8>) -> Result<(), (Vec<u8>, Utf8Error)> {
                Ok(())
            }

            fn view(captured: &()) -> &() {
                captured
            }

            fn into_bytes((): ()) -> Vec<u8> {
                Vec::new()
            }
        }
    )*};
}

returns_nothing!(Unset Direct Log Merged);

impl sealed::Sealed for Buffer {}

impl Stream for Buffer {
    type Captured = Vec<u8>;
    type View = [u8];

    fn captured(bytes: Vec<u8>) -> Result<Vec<u8>, (Vec<u8>, Utf8Error)> {
        Ok(bytes)
    }

    fn view(captured: &Vec<u8>) -> &[u8] {
        captured
    }

    fn into_bytes(captured: Vec<u8>) -> Vec<u8> {
        captured
    }
}

impl sealed::Sealed for Text {}

impl Stream for Text {
    type Captured = String;
    type View = str;

    fn captured(bytes: Vec<u8>) -> Result<String, (Vec<u8>, Utf8Error)> {
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error();
            (error.into_bytes(), at)
        })
    }

    fn view(captured: &String) -> &str {
        captured
    }

    fn into_bytes(captured: String) -> Vec<u8> {
        captured.into_bytes()
    }
}

/// A stream whose content `Output` returns.
#[diagnostic::on_unimplemented(
    message = "this stream was not captured",
    label = "nothing of this stream is returned: it is `{Self}`",
    note = "declare it `buffer` for bytes or `text` for a `str`, as in `stdout: text`"
)]
pub trait Returned: Stream {}

impl Returned for Buffer {}
impl Returned for Text {}

/// What `stdin: buffer(bytes)` takes: whatever becomes a `Vec<u8>` (moved where it is owned, copied where it is
/// borrowed), so strings, slices, arrays, boxes and `Cow`.
///
/// The parameter tells the implementations apart; it is always inferred and never written.
///
/// ```
/// let sorted = airtight::command! { "sort", stdin: buffer("b\na\n"), stdout: text }.run()?;
/// assert_eq!(sorted.stdout(), "a\nb\n");
/// # Ok::<(), airtight::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be fed to stdin",
    label = "these are no bytes",
    note = "`stdin: buffer(bytes)` takes a string, a slice, a vector or an array of bytes, owned or borrowed"
)]
pub trait Bytes<Kind> {
    #[doc(hidden)]
    fn into_bytes(self) -> Vec<u8>;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByMove {}
#[doc(hidden)]
#[derive(Debug)]
pub enum ByCopy {}

#[diagnostic::do_not_recommend]
impl<T: Into<Vec<u8>>> Bytes<ByMove> for T {
    fn into_bytes(self) -> Vec<u8> {
        self.into()
    }
}

macro_rules! copied {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Bytes<ByCopy> for $type {
            fn into_bytes(self) -> Vec<u8> {
                <[u8]>::to_vec(AsRef::<[u8]>::as_ref(&**self))
            }
        }
    )*};
}

copied!(&String &Vec<u8> &Box<[u8]> &Box<str> &&str &&[u8] &std::sync::Arc<[u8]> &std::borrow::Cow<'_, str> &std::borrow::Cow<'_, [u8]>);
