//! The environment: the terms of a declaration, and the block of variables that they give when the command starts.

use crate::error::{Fault, Refusal};
use crate::plan::environ::Parents;
use crate::spec::value::{Hole, Value};
use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;

/// What `pass_common` hands on, where the parent has it.
const COMMON: [&str; 7] = ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];

/// What `xdg(base)` sets, and to which folder under the base.
const XDG: [(&str, &str); 3] =
    [("XDG_DATA_HOME", ".local/share"), ("XDG_CACHE_HOME", ".cache"), ("XDG_CONFIG_HOME", ".config")];

#[derive(Clone)]
enum Term {
    Inherit,
    Empty,
    Pass(Vec<u8>),
    Remove(Vec<u8>),
    Set(Variable),
}

/// `NAME=value`, without a NUL.
#[derive(Clone)]
pub(crate) struct Variable {
    entry: Vec<u8>,
    name_length: usize,
    pub(crate) secret: bool,
}

impl Variable {
    pub(crate) fn name(&self) -> &[u8] {
        &self.entry[..self.name_length]
    }

    pub(crate) fn value(&self) -> &[u8] {
        &self.entry[self.name_length + 1..]
    }
}

/// The terms, in the order in which they were written: a later one replaces what an earlier one set.
#[derive(Clone, Default)]
pub(crate) struct Environment {
    terms: Vec<Term>,
}

impl Environment {
    pub(crate) fn inherit(&mut self) {
        self.terms.push(Term::Inherit);
    }

    pub(crate) fn empty(&mut self) {
        self.terms.push(Term::Empty);
    }

    pub(crate) fn pass_common(&mut self) {
        self.terms.extend(COMMON.map(|name| Term::Pass(name.into())));
        self.terms.push(Term::Set(Variable { entry: b"LC_ALL=C".to_vec(), name_length: 6, secret: false }));
    }

    pub(crate) fn pass(&mut self, name: &[u8]) {
        self.terms.push(Term::Pass(name.to_vec()));
    }

    pub(crate) fn remove(&mut self, name: &[u8]) {
        self.terms.push(Term::Remove(name.to_vec()));
    }

    pub(crate) fn xdg(&mut self, base: Hole<'_>) -> Result<(), Refusal> {
        let Some(base) = base.text() else { return Ok(()) };
        for (name, folder) in XDG {
            self.set(name.as_bytes(), &[&base, b"/".as_slice(), folder.as_bytes()].concat(), false)?;
        }
        Ok(())
    }

    /// `NAME=value` in one text.
    pub(crate) fn entry(&mut self, entry: &[u8], secret: bool) -> Result<(), Refusal> {
        match entry.iter().position(|byte| *byte == b'=') {
            Some(at) => self.set(&entry[..at], &entry[at + 1..], secret),
            None => Err(Refusal::variable(if secret { b"" } else { entry }, Fault::NoEquals)),
        }
    }

    pub(crate) fn set(&mut self, name: &[u8], value: &[u8], secret: bool) -> Result<(), Refusal> {
        if name.is_empty() {
            return Err(Refusal::variable(name, Fault::EmptyName));
        }
        // What is no name may be a part of the secret.
        let is_name = !name.contains(&b'=') && !name.contains(&0);
        let shown = if secret && !is_name { b"" } else { name };
        if name.contains(&b'=') {
            return Err(Refusal::variable(shown, Fault::EqualsInName));
        }
        if name.contains(&0) || value.contains(&0) {
            return Err(Refusal::variable(shown, Fault::Nul));
        }
        let entry = [name, b"=", value].concat();
        self.terms.push(Term::Set(Variable { entry, name_length: name.len(), secret }));
        Ok(())
    }

    /// The variables that the declaration itself sets, the last of each name.
    pub(crate) fn declared(&self) -> Vec<&Variable> {
        let mut declared: Vec<&Variable> = Vec::new();
        for term in &self.terms {
            let replaced = match term {
                Term::Set(variable) => variable.name(),
                Term::Remove(name) => name,
                _ => continue,
            };
            declared.retain(|earlier| earlier.name() != replaced);
            if let Term::Set(variable) = term {
                declared.push(variable);
            }
        }
        declared
    }

    /// Whether the parent's environment is what the terms start from.
    pub(crate) fn inherits(&self) -> bool {
        self.terms.iter().any(|term| matches!(term, Term::Inherit))
            || self.terms.iter().all(|term| matches!(term, Term::Remove(_)))
    }

    /// The values that must not be shown.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.terms.iter().filter_map(|term| match term {
            Term::Set(variable) if variable.secret => Some(variable.value()),
            _ => None,
        })
    }

    /// What the child's `environ` is to hold.
    pub(crate) fn block(&self) -> Block {
        let mut block = Block::default();
        if let Some(parents) = Parents::of_only_thread().filter(|_| self.inherits()) {
            if self.terms.iter().all(|term| matches!(term, Term::Inherit)) {
                block.whole = Some(parents);
                return block;
            }
            block.entries.extend(parents.iter().map(Entry::Parents));
        } else if self.inherits() {
            // The one way to read all of it while other threads may set variables: under the lock of std, which is let
            // go only with a copy.
            block.parent = std::env::vars_os().collect();
            block.entries.reserve(block.parent.len() + self.terms.len());
            let length: usize = block.parent.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
            block.text.reserve(length);
            for (name, value) in &block.parent {
                block.entries.push(put(&mut block.text, name.as_bytes(), value.as_bytes()));
            }
        }
        for term in &self.terms {
            match term {
                Term::Inherit | Term::Empty => {}
                Term::Pass(name) => {
                    if let Some(value) = std::env::var_os(OsStr::from_bytes(name)) {
                        block.replace(name, value.as_bytes());
                    }
                }
                Term::Remove(name) => block.remove(name),
                Term::Set(variable) => block.replace(variable.name(), variable.value()),
            }
        }
        block
    }
}

/// Variables of a child.
#[derive(Default)]
pub(crate) struct Block {
    /// All of the parent's, and nothing else.
    whole: Option<Parents>,
    /// `NAME=value`, one behind the other, each ended by a NUL.
    text: Vec<u8>,
    entries: Vec<Entry>,
    /// Kept until the program was started: freeing it takes time in which that program could run.
    parent: Vec<(OsString, OsString)>,
}

#[derive(Clone, Copy)]
enum Entry {
    /// The parent's own.
    Parents(&'static CStr),
    /// In the text of the block.
    Own { start: usize, name_length: usize },
}

impl Entry {
    fn name(self, text: &[u8]) -> &[u8] {
        match self {
            Entry::Parents(entry) => {
                // A name may begin with `=`, as std has it.
                let entry = entry.to_bytes();
                let from = usize::from(!entry.is_empty());
                let end = entry[from..].iter().position(|byte| *byte == b'=').map_or(entry.len(), |at| from + at);
                &entry[..end]
            }
            Entry::Own { start, name_length } => &text[start..start + name_length],
        }
    }
}

fn put(text: &mut Vec<u8>, name: &[u8], value: &[u8]) -> Entry {
    let start = text.len();
    text.extend_from_slice(name);
    text.push(b'=');
    text.extend_from_slice(value);
    text.push(0);
    Entry::Own { start, name_length: name.len() }
}

impl Block {
    /// The parent's `environ`, if it is all that there is.
    pub(crate) fn whole(&self) -> Option<Parents> {
        self.whole
    }

    /// Where each entry begins, and a null pointer: valid as long as the block is.
    pub(crate) fn pointers(&self) -> Vec<*const c_char> {
        let mut pointers = Vec::with_capacity(self.entries.len() + 1);
        pointers.extend(self.entries.iter().map(|entry| match entry {
            Entry::Parents(entry) => entry.as_ptr(),
            Entry::Own { start, .. } => self.text[*start..].as_ptr().cast::<c_char>(),
        }));
        pointers.push(std::ptr::null());
        pointers
    }

    /// How long each entry is, without its NUL.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        let length = |entry: &Entry| match entry {
            Entry::Parents(entry) => entry.count_bytes(),
            Entry::Own { start, .. } => self.text[*start..].iter().take_while(|byte| **byte != 0).count(),
        };
        match self.whole() {
            Some(parents) => parents.iter().map(CStr::count_bytes).collect(),
            None => self.entries.iter().map(length).collect(),
        }
    }

    fn replace(&mut self, name: &[u8], value: &[u8]) {
        self.remove(name);
        self.entries.push(put(&mut self.text, name, value));
    }

    fn remove(&mut self, name: &[u8]) {
        let text = &self.text;
        self.entries.retain(|entry| entry.name(text) != name);
    }
}

/// One variable of `..pairs` in `env`: a tuple of name and value.
///
/// The parameters tell the implementations apart; they are always inferred and never written.
///
/// ```
/// use std::collections::BTreeMap;
/// let extra = BTreeMap::from([("LANG", "C"), ("TZ", "UTC")]);
/// let date = airtight::command! { "date", env: pass_common + ..&extra };
/// assert_eq!(date.to_string(), "LC_ALL=C LANG=C TZ=UTC date");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no variable of an environment",
    label = "the items are no pairs of a name and a value",
    note = "`..` in `env` takes anything that is `IntoIterator` with tuples `(name, value)` as its items"
)]
pub trait Pair<NameKind, ValueKind> {
    #[doc(hidden)]
    fn pair(&self) -> (Hole<'_>, Hole<'_>);
}

impl<NameKind, ValueKind, Name: Value<NameKind>, Text: Value<ValueKind>> Pair<NameKind, ValueKind> for (Name, Text) {
    fn pair(&self) -> (Hole<'_>, Hole<'_>) {
        (self.0.hole(), self.1.hole())
    }
}

impl<NameKind, ValueKind, Name: Value<NameKind>, Text: Value<ValueKind>> Pair<NameKind, ValueKind> for &(Name, Text) {
    fn pair(&self) -> (Hole<'_>, Hole<'_>) {
        (self.0.hole(), self.1.hole())
    }
}
