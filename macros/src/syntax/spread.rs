//! The operand of `..`: a list and its marks.

use super::marks::Marks;
use syn::{Expr, Result};

pub(crate) struct Spread {
    pub(crate) list: Expr,
    pub(crate) marks: Marks,
}

impl Spread {
    pub(super) fn from_expr(list: Expr) -> Result<Spread> {
        let (list, marks) = Marks::strip(list)?;
        Ok(Spread { list, marks })
    }
}
