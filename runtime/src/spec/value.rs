//! Values: types that can provide the text of an argument, a variable or a path.

use std::borrow::Cow;
use std::ffi::{CStr, CString, OsStr};
use std::fmt::{self, Display};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;

/// The text of one computed value, borrowed while a command is built.
#[derive(Clone, Copy)]
pub enum Hole<'a> {
    /// `None`: the argument is left out.
    Nothing,
    Text(&'a [u8], Origin),
    /// A number or a character.
    Shown(&'a (dyn Display + Sync), Origin),
}

/// The origin of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// It is computed.
    Anywhere,
    /// Its beginning is spelled in the source.
    Begun,
    /// It is spelled in the source, or marked `verbatim`.
    Spelled,
}

impl<'a> Hole<'a> {
    /// Marks the text as spelled in the source.
    #[inline]
    pub fn spelled(self) -> Hole<'a> {
        self.from(Origin::Spelled)
    }

    /// Marks the beginning of the text as spelled in the source, so that it may be `-`.
    #[inline]
    pub fn begun(self) -> Hole<'a> {
        self.from(Origin::Begun)
    }

    #[inline]
    fn from(self, origin: Origin) -> Hole<'a> {
        match self {
            Hole::Text(text, _) => Hole::Text(text, origin),
            Hole::Shown(shown, _) => Hole::Shown(shown, origin),
            Hole::Nothing => Hole::Nothing,
        }
    }

    pub(crate) fn origin(&self) -> Origin {
        match *self {
            Hole::Nothing => Origin::Spelled,
            Hole::Text(_, origin) | Hole::Shown(_, origin) => origin,
        }
    }

    /// The text; `None` if there is none.
    pub(crate) fn text(&self) -> Option<Cow<'a, [u8]>> {
        match *self {
            Hole::Nothing => None,
            Hole::Text(text, _) => Some(Cow::Borrowed(text)),
            Hole::Shown(shown, _) => Some(Cow::Owned(shown.to_string().into_bytes())),
        }
    }
}

impl fmt::Debug for Hole<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The text is not shown, since it may be a secret.
        f.write_str("Hole")
    }
}

/// A value in a declaration, borrowed or owned: any type that is `AsRef<OsStr>` (strings, paths, and your own types
/// that implement it), `CStr` and `CString`, `Cow`, boxed and shared strings and paths, integers, `char`, and an
/// `Option` of any of these. `None` leaves the argument or variable out.
///
/// The type parameter distinguishes the implementations. It is always inferred.
///
/// ```
/// use std::path::PathBuf;
/// let (depth, mtu, root) = (3, None::<u32>, PathBuf::from("/usr"));
/// let find = airtight::command! { "find", args: [root, ("-maxdepth", depth), ("-mindepth", mtu)] };
/// assert_eq!(find.to_string(), "find /usr -maxdepth 3");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a valid value in a command",
    label = "expected a string, a path or a number",
    note = "a value implements `AsRef<OsStr>`, or is a C string, an integer, a `char`, or an `Option` of these",
    note = "for a type with `Display`, write `x.to_string()`; for bytes, `OsStr::from_bytes(x)`; for each item of a \
        list, `..x`"
)]
pub trait Value<Kind> {
    #[doc(hidden)]
    fn hole(&self) -> Hole<'_>;
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByOsStr {}

#[diagnostic::do_not_recommend]
impl<T: AsRef<OsStr> + ?Sized> Value<ByOsStr> for T {
    #[inline]
    fn hole(&self) -> Hole<'_> {
        Hole::Text(self.as_ref().as_bytes(), Origin::Anywhere)
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub enum ByDisplay {}

macro_rules! shown {
    ($($type:ty)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Value<ByDisplay> for $type {
            #[inline]
            fn hole(&self) -> Hole<'_> {
                Hole::Shown(self, Origin::Anywhere)
            }
        }
        #[diagnostic::do_not_recommend]
        impl Value<ByDisplay> for &$type {
            #[inline]
            fn hole(&self) -> Hole<'_> {
                Hole::Shown(*self, Origin::Anywhere)
            }
        }
        #[diagnostic::do_not_recommend]
        impl Value<ByDisplay> for &&$type {
            #[inline]
            fn hole(&self) -> Hole<'_> {
                Hole::Shown(**self, Origin::Anywhere)
            }
        }
    )*};
}

shown!(u8 u16 u32 u64 u128 usize i8 i16 i32 i64 i128 isize char);

#[doc(hidden)]
#[derive(Debug)]
pub enum ByContent {}

/// Types that hold a text and are not `AsRef<OsStr>`.
macro_rules! content {
    ($($type:ty => $value:ident.$($bytes:ident).+;)*) => {$(
        #[diagnostic::do_not_recommend]
        impl Value<ByContent> for $type {
            #[inline]
            fn hole(&self) -> Hole<'_> {
                let $value = self;
                Hole::Text($value$(.$bytes())+, Origin::Anywhere)
            }
        }
        #[diagnostic::do_not_recommend]
        impl Value<ByContent> for &$type {
            #[inline]
            fn hole(&self) -> Hole<'_> {
                Value::<ByContent>::hole(*self)
            }
        }
    )*};
}

content! {
    CStr => text.to_bytes;
    CString => text.as_bytes;
    Box<CStr> => text.to_bytes;
    Cow<'_, CStr> => text.to_bytes;
    Cow<'_, str> => text.as_bytes;
    Cow<'_, Path> => path.as_os_str.as_bytes;
    Box<str> => text.as_bytes;
    Rc<str> => text.as_bytes;
    Arc<str> => text.as_bytes;
    Box<OsStr> => text.as_bytes;
    Rc<OsStr> => text.as_bytes;
    Arc<OsStr> => text.as_bytes;
    Box<Path> => path.as_os_str.as_bytes;
    Rc<Path> => path.as_os_str.as_bytes;
    Arc<Path> => path.as_os_str.as_bytes;
    Box<String> => text.as_bytes;
    Rc<String> => text.as_bytes;
    Arc<String> => text.as_bytes;
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Optional<Kind>(std::marker::PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<Kind, T: Value<Kind>> Value<Optional<Kind>> for Option<T> {
    #[inline]
    fn hole(&self) -> Hole<'_> {
        self.as_ref().map_or(Hole::Nothing, Value::hole)
    }
}

#[diagnostic::do_not_recommend]
impl<Kind, T: Value<Kind>> Value<Optional<Kind>> for &Option<T> {
    #[inline]
    fn hole(&self) -> Hole<'_> {
        Value::<Optional<Kind>>::hole(*self)
    }
}
