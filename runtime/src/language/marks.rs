//! Words that stand around a value.

/// A word around a value.
#[derive(Clone, Copy, Debug)]
pub struct Mark(());

/// `verbatim(x)`, `..verbatim(xs)`: exactly as it is: no rule looks at it, and it may begin with `-`.
pub const verbatim: Mark = Mark(());
/// `secret(x)`, `..secret(xs)`: passed as it is, and shown as `***` in every display, error and log.
pub const secret: Mark = Mark(());
/// `fd(x)`: a descriptor as a stream; in `args`, the number of one that `fds` passes on.
pub const fd: Mark = Mark(());
/// `name = data(bytes)` in `fds`: a sealed file in memory that holds these bytes.
pub const data: Mark = Mark(());
/// `after(duration, signal = SIGINT, grace = g)` in `timeout`: the signal (SIGTERM) after the duration, SIGKILL after the grace (2 s).
pub const after: Mark = Mark(());
