//! The resources of `limits`, named as in getrlimit(2).

use crate::shared::names::limits;

macro_rules! items {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: u32 = $number;)*

        /// The name of a limit.
        pub(crate) fn name(number: i32) -> &'static str {
            match number {
                $($number => stringify!($name),)*
                _ => "unknown",
            }
        }
    };
}

limits! { items }
