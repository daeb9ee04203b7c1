//! The environ of a child: a block computed from the terms of a declaration when the command starts, or the parent's
//! own `environ` if it can be passed unchanged.
//!
//! To read `environ` safely takes std's lock, which code outside std cannot hold during a start, or a process with one
//! thread. If there are other threads, the variables are copied. If there are none, `environ` cannot change before the
//! program is executed: the only thread runs the start, and no callback or `tracing` subscriber.

use crate::spec::env::{Environment, Term};
use std::ffi::{CStr, OsStr, OsString, c_char};
use std::os::unix::ffi::OsStrExt;
use std::sync::OnceLock;

// SAFETY: environ(7) declares the variable with this type.
unsafe extern "C" {
    static environ: *const *const c_char;
}

/// The environ of a process with one thread. It is valid until that thread changes it.
#[derive(Clone, Copy)]
pub(crate) struct Parents(*const *const c_char);

impl Parents {
    /// Returns `None` if another thread may change it.
    pub(crate) fn of_only_thread() -> Option<Parents> {
        if !is_single_threaded() {
            return None;
        }
        // SAFETY: libc defines the variable, and there is no other thread that could write to it.
        let variables = unsafe { environ };
        (!variables.is_null()).then_some(Parents(variables))
    }

    /// The pointer to pass to execve(2).
    pub(crate) fn as_ptr(self) -> *const *const c_char {
        self.0
    }

    /// Iterates over the entries, `NAME=value`.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'static CStr> {
        // SAFETY: a null pointer ends the array, and no index beyond it is read.
        let at = move |index: usize| unsafe { self.0.wrapping_add(index).read() };
        // SAFETY: each entry before the null pointer is a C string.
        (0..).map(at).take_while(|entry| !entry.is_null()).map(|entry| unsafe { CStr::from_ptr(entry) })
    }
}

/// Reads `__libc_single_threaded` of glibc (2.32); see sys/single_threaded.h. With other libcs the answer is no.
fn is_single_threaded() -> bool {
    static FLAG: OnceLock<usize> = OnceLock::new();
    let flag = *FLAG.get_or_init(|| {
        // SAFETY: the name is a C string.
        unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) }.expose_provenance()
    });
    let flag = std::ptr::with_exposed_provenance::<c_char>(flag);
    // SAFETY: the variable with this name is one byte, and libc changes it only when a thread is created.
    !flag.is_null() && unsafe { flag.read_volatile() } != 0
}

/// The variables of a child.
#[derive(Default)]
pub(crate) struct Block {
    /// Set if the block is exactly the parent's environ.
    whole: Option<Parents>,
    /// The entries `NAME=value`, each followed by a NUL.
    text: Vec<u8>,
    entries: Vec<EnvironEntry>,
    /// Kept until the program is started: freeing it earlier would delay the start.
    parent: Vec<(OsString, OsString)>,
}

#[derive(Clone, Copy)]
enum EnvironEntry {
    /// An entry of the parent's environ.
    Parents(&'static CStr),
    /// An entry in the text of the block.
    Own { start: usize, name_length: usize },
}

impl EnvironEntry {
    fn name(self, text: &[u8]) -> &[u8] {
        match self {
            EnvironEntry::Parents(entry) => {
                // As in std, a leading `=` is part of the name.
                let entry = entry.to_bytes();
                let from = usize::from(!entry.is_empty());
                let end = entry[from..].iter().position(|byte| *byte == b'=').map_or(entry.len(), |at| from + at);
                &entry[..end]
            }
            EnvironEntry::Own { start, name_length } => &text[start..start + name_length],
        }
    }
}

fn put(text: &mut Vec<u8>, name: &[u8], value: &[u8]) -> EnvironEntry {
    let start = text.len();
    text.extend_from_slice(name);
    text.push(b'=');
    text.extend_from_slice(value);
    text.push(0);
    EnvironEntry::Own { start, name_length: name.len() }
}

impl Block {
    /// Computes the environ of the child.
    pub(crate) fn of(environment: &Environment) -> Block {
        let mut block = Block::default();
        if let Some(parents) = Parents::of_only_thread().filter(|_| environment.inherits()) {
            if environment.terms().iter().all(|term| matches!(term, Term::Inherit)) {
                block.whole = Some(parents);
                return block;
            }
            block.entries.extend(parents.iter().map(EnvironEntry::Parents));
        } else if environment.inherits() {
            // While other threads may set variables, only std can read all of them: it copies them under its lock.
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

    /// The parent's `environ`, if the block is exactly that.
    pub(crate) fn whole(&self) -> Option<Parents> {
        self.whole
    }

    /// Pointers to the entries, with a terminating null pointer. They are valid as long as the block.
    pub(crate) fn pointers(&self) -> Vec<*const c_char> {
        let mut pointers = Vec::with_capacity(self.entries.len() + 1);
        pointers.extend(self.entries.iter().map(|entry| match entry {
            EnvironEntry::Parents(entry) => entry.as_ptr(),
            EnvironEntry::Own { start, .. } => self.text[*start..].as_ptr().cast::<c_char>(),
        }));
        pointers.push(std::ptr::null());
        pointers
    }

    /// The length of each entry without its NUL.
    pub(crate) fn lengths(&self) -> Vec<usize> {
        let length = |entry: &EnvironEntry| match entry {
            EnvironEntry::Parents(entry) => entry.count_bytes(),
            EnvironEntry::Own { start, .. } => self.text[*start..].iter().take_while(|byte| **byte != 0).count(),
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
