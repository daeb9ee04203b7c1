//! The environment: the terms of a declaration, and the block of variables that they give when the command starts.

use crate::error::{Fault, Refusal};
use crate::secret::Secrets;
use crate::value::{Hole, Value};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};

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
        if name.contains(&b'=') {
            return Err(Refusal::variable(name, Fault::EqualsInName));
        }
        if name.contains(&0) || value.contains(&0) {
            return Err(Refusal::variable(name, Fault::Nul));
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

    pub(crate) fn secrets(&self, secrets: &mut Secrets) {
        for term in &self.terms {
            if let Term::Set(variable) = term
                && variable.secret
            {
                secrets.add(variable.value());
            }
        }
    }

    /// What the child's `environ` is to hold, each entry ended by a NUL.
    pub(crate) fn block(&self) -> Vec<Vec<u8>> {
        let mut block = Block::default();
        if self.inherits() {
            std::env::vars_os().for_each(|(name, value)| block.add(name, &value));
        }
        for term in &self.terms {
            match term {
                Term::Inherit | Term::Empty => {}
                Term::Pass(name) => {
                    let name = OsStr::from_bytes(name);
                    if let Some(value) = std::env::var_os(name) {
                        block.replace(name.to_owned(), &value);
                    }
                }
                Term::Remove(name) => block.remove(name),
                Term::Set(variable) => {
                    block.replace(OsStr::from_bytes(variable.name()).to_owned(), OsStr::from_bytes(variable.value()));
                }
            }
        }
        block.entries.into_iter().map(|entry| entry.text).collect()
    }
}

#[derive(Default)]
struct Block {
    entries: Vec<Entry>,
}

struct Entry {
    text: Vec<u8>,
    name_length: usize,
}

impl Block {
    fn add(&mut self, name: OsString, value: &OsStr) {
        let name_length = name.len();
        let mut text = name.into_vec();
        text.reserve_exact(value.len() + 2);
        text.push(b'=');
        text.extend_from_slice(value.as_bytes());
        text.push(0);
        self.entries.push(Entry { text, name_length });
    }

    fn replace(&mut self, name: OsString, value: &OsStr) {
        self.remove(name.as_bytes());
        self.add(name, value);
    }

    fn remove(&mut self, name: &[u8]) {
        self.entries.retain(|entry| &entry.text[..entry.name_length] != name);
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
