//! The signals of `pdeathsig` and of `timeout`, by their names in signal(7).

use crate::shared::names::signals;

macro_rules! items {
    ($($(#[doc = $doc:literal])+ $name:ident = $number:literal;)*) => {
        $($(#[doc = $doc])+ pub const $name: i32 = $number;)*
    };
}

signals! { items }
