//! Words that mark a value.

/// A word that marks a value.
#[derive(Clone, Copy, Debug)]
pub struct Mark(());

/// `verbatim(x)`, `..verbatim(xs)`: passes the value unchanged. No rule checks it, and it may begin with `-`.
pub const verbatim: Mark = Mark(());
/// `secret(x)`, `..secret(xs)`: passes the value unchanged, and shows it as `***` in every display, error and log.
pub const secret: Mark = Mark(());
/// `fd(x)`: a descriptor as a stream. In `args`, the number of a descriptor that `fds` passes.
pub const fd: Mark = Mark(());
/// `name = data(bytes)` in `fds`: a sealed memfd with these bytes.
pub const data: Mark = Mark(());
/// `after(duration, signal = SIGINT, grace = g)` in `timeout`: sends the signal (default SIGTERM) after the duration,
/// and SIGKILL after the grace (default 2 s).
pub const after: Mark = Mark(());
