//! The terms of `env`, joined by `+` or in a list. Other terms are `{ NAME = value }`, `"NAME=value"` and `..pairs`.

/// A term of `env`.
#[derive(Clone, Copy, Debug)]
pub struct Term(());

/// `inherit`: all variables of the parent.
pub const inherit: Term = Term(());
/// `empty`: no variables.
pub const empty: Term = Term(());
/// `pass_common`: the parent's PATH, LD_PRELOAD, LD_LIBRARY_PATH, HOME, USER, LOGNAME and TMPDIR, as far as they are
/// set, and `LC_ALL=C`.
pub const pass_common: Term = Term(());
/// `pass(A, B)`: the parent's values of these variables, as far as they are set.
pub const pass: Term = Term(());
/// `xdg(base)`: XDG_DATA_HOME, XDG_CACHE_HOME and XDG_CONFIG_HOME below `base`, an absolute path.
pub const xdg: Term = Term(());
/// `remove(A)`: removes this variable.
pub const remove: Term = Term(());
