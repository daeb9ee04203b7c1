//! The block of variables that the terms of a declaration give when the command starts; and the parent's own `environ`,
//! where it can be handed to the child as it is.
//!
//! Reading that takes std's lock, which nobody outside std can hold for as long as a start takes, or the certainty that
//! there is no other thread to change it. Where there are others, it is copied. Until the program is executed that thread
//! runs nothing but the start: no callback, and no subscriber of `tracing`.

use crate::spec::env::{Environment, Term};
use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;

// SAFETY: libc defines it with this type: environ(7).
unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The variables of a process without other threads, as long as this one does not change them.
#[derive(Clone, Copy)]
pub(crate) struct Parents(*const *const c_char);

impl Parents {
    /// None where another thread may change them.
    pub(crate) fn of_only_thread() -> Option<Parents> {
        if !is_single_threaded() {
            return None;
        }
        // SAFETY: libc defines it, and when it is read there is no other thread to write it.
        let variables = unsafe { environ };
        (!variables.is_null()).then_some(Parents(variables))
    }

    /// As execve(2) takes them.
    pub(crate) fn as_ptr(self) -> *const *const c_char {
        self.0
    }

    /// Each `NAME=value`.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static CStr> {
        // SAFETY: a null pointer ends the array, before which the index stays, and `wrapping_add` within it.
        let at = move |index: usize| unsafe { self.0.wrapping_add(index).read() };
        // SAFETY: each entry is a C string.
        (0..).map(at).take_while(|entry| !entry.is_null()).map(|entry| unsafe { CStr::from_ptr(entry) })
    }
}

/// What glibc (2.32) knows of it: see sys/single_threaded.h. Other libraries do not say.
fn is_single_threaded() -> bool {
    static FLAG: OnceLock<usize> = OnceLock::new();
    let flag = *FLAG.get_or_init(|| {
        // SAFETY: the name is a C string.
        unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) }.expose_provenance()
    });
    let flag = std::ptr::with_exposed_provenance::<c_char>(flag);
    // SAFETY: the variable of that name is one byte, which only a new thread changes.
    !flag.is_null() && unsafe { flag.read_volatile() } != 0
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
    /// What the child's `environ` is to hold.
    pub(crate) fn of(environment: &Environment) -> Block {
        let mut block = Block::default();
        if let Some(parents) = Parents::of_only_thread().filter(|_| environment.inherits()) {
            if environment.terms().iter().all(|term| matches!(term, Term::Inherit)) {
                block.whole = Some(parents);
                return block;
            }
            block.entries.extend(parents.iter().map(Entry::Parents));
        } else if environment.inherits() {
            // The one way to read all of it while other threads may set variables: under the lock of std, which is let
            // go only with a copy.
            block.parent = std::env::vars_os().collect();
            block.entries.reserve(block.parent.len() + environment.terms().len());
            let length: usize = block.parent.iter().map(|(name, value)| name.len() + value.len() + 2).sum();
            block.text.reserve(length);
            for (name, value) in &block.parent {
                block.entries.push(put(&mut block.text, name.as_bytes(), value.as_bytes()));
            }
        }
        for term in environment.terms() {
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
