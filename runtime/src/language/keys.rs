//! The keys of a declaration: what an editor shows on `stdout` in `stdout: buffer` stands in `words!`.

use crate::shared::words::words;

/// A key of a declaration.
#[derive(Clone, Copy, Debug)]
pub struct Key(());

macro_rules! documented {
    ($(
        $(#[$doc:meta])*
        $name:ident = $variant:ident: $form:ident $(($($operand:tt)*))? $(, barred $why:literal)?;
    )*) => {
        $(
            $(#[$doc])*
            pub const $name: Key = Key(());
        )*
    };
}

words! { documented }
