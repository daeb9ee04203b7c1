//! The terms of `env`, joined by `+` or in a list. Beside them stand `{ NAME = value }`, `"NAME=value"` and `..pairs`.

/// A term of `env`.
#[derive(Clone, Copy, Debug)]
pub struct Term(());

/// `inherit`: everything that the parent has.
pub const inherit: Term = Term(());
/// `empty`: nothing.
pub const empty: Term = Term(());
/// `pass_common`: PATH, LD_PRELOAD, LD_LIBRARY_PATH, HOME, USER, LOGNAME and TMPDIR where the parent has them, and `LC_ALL=C`.
pub const pass_common: Term = Term(());
/// `pass(A, B)`: the parent's values of these variables, where it has them.
pub const pass: Term = Term(());
/// `xdg(base)`: XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME under `base`, an absolute path.
pub const xdg: Term = Term(());
/// `remove(A)`: without this variable.
pub const remove: Term = Term(());
