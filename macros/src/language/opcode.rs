//! The bytes of a template: the constant part of a declaration, which the macro writes and the runtime reads in order.
//!
//! Each operation is one byte, followed by a text that a NUL ends where it has one. A capital letter takes its text
//! from the next hole (the next computed value) instead. Some operations take one more hole as their value. An
//! operation on a stream is followed by a second byte, the stream's kind, to which the same rules apply.
//!
//! Both packages compile this file and match on its enums, so that neither knows a byte that the other does not.

/// The place of the text of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Text {
    /// No text.
    None,
    /// Always in the template.
    Literal,
    /// In the template, or computed: a hole.
    Any,
}

macro_rules! bytes {
    ($(#[$about:meta])* $name:ident { $($(#[doc = $doc:literal])+ $variant:ident = $byte:literal, $text:ident;)* }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum $name {
            $($(#[doc = $doc])+ $variant,)*
        }

        impl $name {
            const ALL: &[$name] = &[$($name::$variant),*];

            pub(crate) const fn byte(self) -> u8 {
                match self {
                    $($name::$variant => $byte,)*
                }
            }

            pub(crate) const fn text(self) -> Text {
                match self {
                    $($name::$variant => Text::$text,)*
                }
            }

            /// The byte of it with a computed text.
            pub(crate) const fn computed_byte(self) -> u8 {
                debug_assert!(matches!(self.text(), Text::Any));
                self.byte().to_ascii_uppercase()
            }

            /// The operation of `byte`, and whether its text is computed.
            pub(crate) const fn from_byte(byte: u8) -> Option<($name, bool)> {
                let is_computed = byte.is_ascii_uppercase();
                let read = match byte.to_ascii_lowercase() {
                    $($byte => $name::$variant,)*
                    _ => return None,
                };
                if is_computed && !matches!(read.text(), Text::Any) {
                    return None;
                }
                Some((read, is_computed))
            }
        }
    };
}

bytes! {
    /// An operation of a template.
    Opcode {
        /// The program: its path or name.
        Program = b'p', Any;
        /// An argument.
        Argument = b'a', Any;
        /// A pair, one argument. The text is `key=`, or a computed key without the `=`; the value is a hole.
        Pair = b'j', Any;
        /// An option and its value, two arguments. The text is the option; the value is a hole.
        OptionWithValue = b'o', Any;
        /// The value of the next operation is hidden wherever it is shown.
        Secret = b's', None;
        /// No rule applies to the value of the next operation.
        Verbatim = b'q', None;
        /// `argv0`.
        Argv0 = b'g', Any;
        /// `inherit` of `env`.
        Inherit = b'i', None;
        /// `empty` of `env`.
        Empty = b'e', None;
        /// `pass_common` of `env`.
        PassCommon = b'c', None;
        /// `pass(NAME)` of `env`.
        Pass = b'v', Literal;
        /// `remove(NAME)` of `env`.
        Remove = b'r', Literal;
        /// A variable, `NAME=value`.
        Entry = b'k', Any;
        /// A variable. The text is its name; the value is a hole.
        Variable = b'w', Literal;
        /// `xdg(base)` of `env`.
        Xdg = b'x', Any;
        /// `cwd`.
        Cwd = b'd', Any;
        /// `pidfile`.
        Pidfile = b'f', Any;
        /// `umask`, in octal digits.
        Umask = b'm', Literal;
        /// `stdin`, followed by its kind.
        Stdin = b'0', None;
        /// `stdout`, followed by its kind.
        Stdout = b'1', None;
        /// `stderr`, followed by its kind.
        Stderr = b'2', None;
        /// `status: success`.
        AcceptSuccess = b'y', None;
        /// `status: code`.
        AcceptCode = b'n', None;
        /// `status: raw`.
        AcceptRaw = b't', None;
    }
}

bytes! {
    /// The kind of a stream, after [`Opcode::Stdin`], [`Opcode::Stdout`] or [`Opcode::Stderr`].
    StreamKind {
        /// `null`.
        Null = b'n', None;
        /// `inherit`.
        Inherit = b'i', None;
        /// `log`.
        Log = b'l', None;
        /// `buffer` of an output, and `text`.
        Buffer = b'b', None;
        /// `file_buffer`.
        FileBuffer = b'r', None;
        /// `stdout` of stderr.
        Merged = b'm', None;
        /// `pipe`.
        Pipe = b'p', None;
        /// `pipe(nonblocking)`.
        NonblockingPipe = b'o', None;
        /// `file(path)`.
        File = b'f', Any;
        /// `append(path)`.
        Append = b'a', Any;
    }
}

#[cfg(test)]
mod tests {
    use super::{Opcode, StreamKind, Text};

    macro_rules! round_trip {
        ($name:ident) => {
            for known in $name::ALL {
                assert_eq!($name::from_byte(known.byte()), Some((*known, false)));
                assert!(!known.byte().is_ascii_uppercase(), "{known:?}");
                if known.text() == Text::Any {
                    assert_ne!(known.computed_byte(), known.byte(), "{known:?}");
                    assert_eq!($name::from_byte(known.computed_byte()), Some((*known, true)));
                }
            }
            let read = (0..=u8::MAX).filter_map($name::from_byte);
            let with_capital = $name::ALL.iter().filter(|known| known.text() == Text::Any).count();
            assert_eq!(read.count(), $name::ALL.len() + with_capital, "another byte stands for something");
        };
    }

    #[test]
    fn each_byte_is_read_as_it_was_written() {
        round_trip!(Opcode);
        round_trip!(StreamKind);
    }
}
