//! Bytes to write to stdin.

/// An operand of `stdin: buffer(bytes)`: any type that converts into a `Vec<u8>`, such as strings, slices, arrays,
/// boxes and `Cow`. An owned value is moved, a borrowed one is copied.
///
/// The type parameter distinguishes the implementations. It is always inferred.
///
/// ```
/// let sorted = airtight::command! { "sort", stdin: buffer("b\na\n"), stdout: text }.run()?;
/// assert_eq!(sorted.stdout(), "a\nb\n");
/// # Ok::<(), airtight::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be fed to stdin",
    label = "expected bytes",
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
