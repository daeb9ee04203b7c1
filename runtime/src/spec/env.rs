//! The environment of a declaration, as a list of terms.

use crate::error::{Fault, Refusal};
use crate::spec::value::{Hole, Value};

/// The variables that `pass_common` passes if the parent has them.
const COMMON: [&str; 7] = ["PATH", "LD_PRELOAD", "LD_LIBRARY_PATH", "HOME", "USER", "LOGNAME", "TMPDIR"];

/// The variables that `xdg(base)` sets, and their directories below the base.
const XDG: [(&str, &str); 3] =
    [("XDG_DATA_HOME", ".local/share"), ("XDG_CACHE_HOME", ".cache"), ("XDG_CONFIG_HOME", ".config")];

#[derive(Clone)]
pub(crate) enum Term {
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

/// The terms in the order in which they were written. A later term replaces a variable that an earlier one set.
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

    /// Adds a variable given as one string, `NAME=value`.
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
        // An invalid name may be part of the secret, so it is not shown.
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

    /// All terms, in order.
    pub(crate) fn terms(&self) -> &[Term] {
        &self.terms
    }

    /// The variables that the declaration itself sets: the last one of each name.
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

    /// Whether the terms start from the parent's environment.
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
}

/// One variable of `..pairs` in `env`: a tuple of name and value.
///
/// The type parameters distinguish the implementations. They are always inferred.
///
/// ```
/// use std::collections::BTreeMap;
/// let extra = BTreeMap::from([("LANG", "C"), ("TZ", "UTC")]);
/// let date = airtight::command! { "date", env: pass_common + ..&extra };
/// assert_eq!(date.to_string(), "LC_ALL=C LANG=C TZ=UTC date");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a variable of `env`",
    label = "expected items that are pairs of a name and a value",
    note = "`..` in `env` takes any `IntoIterator` over tuples `(name, value)`"
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
