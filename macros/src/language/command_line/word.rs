//! One word of a command line, and the names of programs.

/// Stands in a text for what is not known yet: no argument has a NUL.
pub(crate) const HOLE: u8 = 0;

/// One word of a command line.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    /// Its text, with a [`HOLE`] for every part that is not known.
    pub(crate) text: &'a [u8],
    /// How many words it stands for is not known either.
    pub(crate) is_list: bool,
    /// Whether part of it comes from outside the source.
    pub(crate) is_computed: bool,
    /// Marked to be passed as it is: no rule looks at it.
    pub(crate) is_verbatim: bool,
    /// The declaration says that it is the value of the option before it, whatever it looks like.
    pub(crate) is_value: bool,
}

impl<'a> Word<'a> {
    /// The text, if all of it is known.
    pub(super) fn known(&self) -> Option<&'a [u8]> {
        (!self.is_list && !self.text.contains(&HOLE)).then_some(self.text)
    }

    /// Nothing is known of it, not even its beginning.
    pub(super) fn is_unknown(&self) -> bool {
        self.is_list || self.text.first() == Some(&HOLE)
    }

    pub(super) fn is_option(&self) -> bool {
        self.text.len() > 1 && self.text.starts_with(b"-")
    }

    /// The word that ends a program's options.
    pub(super) fn is_dashes(&self) -> bool {
        self.text == b"--" && !self.is_value && !self.is_list
    }
}

/// The last part of a path, without the `.exe` of another system.
pub(crate) fn program_name(path: &[u8]) -> &[u8] {
    let name = path.rsplit(|byte| *byte == b'/' || *byte == b'\\').next().unwrap_or(path);
    match name.len().checked_sub(4).map(|at| name.split_at(at)) {
        Some((stem, end)) if end.eq_ignore_ascii_case(b".exe") => stem,
        _ => name,
    }
}

/// Whether `name` is one of `names`, a version behind it (`python3.11`, `ksh93`) and capitals passed over.
pub(crate) fn is_one_of(name: &[u8], names: &[&str]) -> bool {
    let is_version = |byte: &u8| byte.is_ascii_digit() || *byte == b'.' || *byte == b'-';
    let is_known = |name: &[u8]| names.iter().any(|known| known.as_bytes().eq_ignore_ascii_case(name));
    let stem = || {
        let end = name.iter().rposition(|byte| !is_version(byte));
        &name[..end.map_or(0, |end| end + 1)]
    };
    is_known(name) || name.last().is_some_and(is_version) && is_known(stem())
}
