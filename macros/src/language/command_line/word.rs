//! One word of a command line, and the names of programs.

/// Marks an unknown part of a text. No argument contains a NUL.
pub(crate) const HOLE: u8 = 0;

/// One word of a command line.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    /// Its text, with a [`HOLE`] for each unknown part.
    pub(crate) text: &'a [u8],
    /// It is a list: the number of its words is unknown.
    pub(crate) is_list: bool,
    /// Whether part of it comes from outside the source.
    pub(crate) is_computed: bool,
    /// Marked `verbatim`: no rule applies.
    pub(crate) is_verbatim: bool,
    /// The declaration states that it is the value of the option before it.
    pub(crate) is_value: bool,
}

impl<'a> Word<'a> {
    /// The text, if it has no unknown part.
    pub(super) fn known(&self) -> Option<&'a [u8]> {
        (!self.is_list && !self.text.contains(&HOLE)).then_some(self.text)
    }

    /// Whether its first character is unknown.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_list || self.text.first() == Some(&HOLE)
    }

    pub(super) fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with(b"-")
    }

    /// Whether it is a `--` that ends a program's options.
    pub(super) fn is_dashes(&self) -> bool {
        self.text == b"--" && !self.is_value && !self.is_list
    }
}

/// The last component of a path, without `.exe`.
pub(crate) fn program_name(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| *byte == b'/' || *byte == b'\\').next().unwrap_or(path);
    match name.len().checked_sub(4).map(|at| name.split_at(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(b".exe") => stem,
        _ => name,
    }
}

/// Whether `name` is one of `names`, ignoring case and a version suffix (`python3.11`, `ksh93`).
pub(crate) fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    let is_version = |byte: &u8| byte.is_ascii_digit() || *byte == b'.' || *byte == b'-';
    let is_known = |name: &[u8]| names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    let stem = || {
        let end = name.iter().rposition(|byte| !is_version(byte));
        &name[..end.map_or(0, |end| end + 1)]
    };
    is_known(name) || name.last().is_some_and(is_version) && is_known(stem())
}
