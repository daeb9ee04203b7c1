//! Arguments: an owned list of words, the guard against injected options, and the lists that can be spread into it.

use crate::display::Quoted;
use crate::error::{Fault, Refusal};
use crate::secret::Secrets;
use crate::shared::command_line;
use crate::shared::command_line::dashes::{behind_dashes, has_value};
use crate::shared::command_line::invocations;
use crate::spec::value::{Hole, Origin, Value};
use std::ffi::CStr;
use std::fmt;

/// NUL-terminated words in one buffer.
#[derive(Clone, Default)]
pub(crate) struct Words {
    bytes: Vec<u8>,
    /// The properties of single words, in their order.
    notes: Vec<Note>,
    count: usize,
}

#[derive(Clone, Copy, Default)]
struct Note {
    word: usize,
    secret_from: Option<usize>,
    is_computed: bool,
    is_verbatim: bool,
    is_suspect: bool,
    is_value: bool,
}

/// The properties of one word.
#[derive(Clone, Copy)]
pub(crate) struct ArgvWord<'a> {
    pub(crate) text: &'a CStr,
    /// The first byte that is secret.
    pub(crate) secret_from: Option<usize>,
    /// Whether part of it is computed.
    pub(crate) is_computed: bool,
    /// Whether it is marked `verbatim`.
    pub(crate) is_verbatim: bool,
    /// Whether it begins with a `-` that is not spelled in the source, so that a program could take it for an option.
    pub(crate) is_suspect: bool,
    /// Whether it is a `--` that is declared as the value of an option.
    pub(crate) is_value: bool,
}

impl Words {
    /// Adds a word. Callers refuse texts with a NUL first, since the text after it would be lost.
    fn push(&mut self, parts: [&[u8]; 2], note: Note) {
        // A suspect word is always computed.
        if note.secret_from.is_some() || note.is_computed || note.is_verbatim || note.is_value {
            self.notes.push(Note { word: self.count, ..note });
        }
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.bytes.push(0);
        self.count += 1;
    }

    /// Appends the words of `other`; with `secret`, all of them become secret.
    fn append(&mut self, other: &Words, secret: bool) {
        if secret {
            return other.iter().for_each(|word| {
                let ArgvWord { is_computed, is_verbatim, is_suspect, is_value, .. } = word;
                let note = Note { word: 0, secret_from: Some(0), is_computed, is_verbatim, is_suspect, is_value };
                self.push([word.text.to_bytes(), b""], note);
            });
        }
        self.notes.extend(other.notes.iter().map(|note| Note { word: self.count + note.word, ..*note }));
        self.bytes.extend_from_slice(&other.bytes);
        self.count += other.count;
    }

    /// The secret parts of the words. Words without notes are not read.
    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        let has_secrets = self.notes.iter().any(|note| note.secret_from.is_some());
        let words = has_secrets.then(|| self.iter()).into_iter().flatten();
        words.filter_map(|word| word.text.to_bytes().get(word.secret_from?..))
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = ArgvWord<'_>> {
        let texts = self.bytes.split_inclusive(|byte| *byte == 0);
        let mut notes = self.notes.iter().peekable();
        texts.filter_map(|text| CStr::from_bytes_with_nul(text).ok()).enumerate().map(move |(index, text)| {
            let note = notes.next_if(|note| note.word == index).copied().unwrap_or_default();
            let Note { secret_from, is_computed, is_verbatim, is_suspect, is_value, .. } = note;
            ArgvWord { text, secret_from, is_computed, is_verbatim, is_suspect, is_value }
        })
    }

    /// Treats the words from `from` on as spelled in the source if `is_spelled` accepts their text.
    fn trust(&mut self, from: usize, is_spelled: impl Fn(&[u8]) -> bool) {
        let trusted = |(index, word): &(usize, ArgvWord<'_>)| *index >= from && is_spelled(word.text.to_bytes());
        let mut trusted: Vec<usize> = self.iter().enumerate().filter(trusted).map(|(index, _)| index).collect();
        trusted.reverse();
        for note in self.notes.iter_mut() {
            while trusted.pop_if(|index| *index < note.word).is_some() {}
            if trusted.last() == Some(&note.word) {
                (note.is_suspect, note.is_computed) = (false, false);
            }
        }
    }

    /// Whether a word begins with a `-` that is not spelled in the source.
    pub(crate) fn has_suspects(&self) -> bool {
        self.notes.iter().any(|note| note.is_suspect)
    }
}

/// The marks of a value in the declaration.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, Default)]
pub struct Marks {
    pub(crate) secret: bool,
    pub(crate) verbatim: bool,
}

/// A list of arguments, written with [`args!`](crate::args!) and spread into a declaration with `..list`. Its computed
/// words are guarded as if they were written in the declaration.
///
/// ```
/// use airtight::{Args, args, command};
/// fn verbosity(level: u8) -> Args {
///     args![for _ in 0..level { "--verbose" }]
/// }
/// let rsync = command! { "rsync", args: [..verbosity(2), "--archive"] };
/// assert_eq!(rsync.to_string(), "rsync --verbose --verbose --archive");
/// ```
///
/// A problem that shows only at run time, such as a NUL or an injected option, is stored. The method that runs the
/// command reports it.
#[derive(Clone, Default)]
pub struct Args {
    words: Words,
    /// The index from which words are arguments of a declared script, and so not options.
    script_end: Option<usize>,
    refused: Option<Refusal>,
}

impl Args {
    /// Creates an empty list.
    ///
    /// ```
    /// assert!(airtight::Args::new().is_empty());
    /// ```
    pub fn new() -> Args {
        Args::default()
    }

    /// The number of arguments.
    ///
    /// ```
    /// assert_eq!(airtight::args!["--depth", 1].len(), 2);
    /// ```
    pub fn len(&self) -> usize {
        self.words.len()
    }

    /// Returns true if the list has no arguments.
    ///
    /// ```
    /// assert!(airtight::args![].is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        self.words.len() == 0
    }

    pub(crate) fn words(&self) -> &Words {
        &self.words
    }

    pub(crate) fn refused(&self) -> Option<&Refusal> {
        self.refused.as_ref()
    }

    /// Whether a word begins with a `-` that is not spelled in the source, so that the guard must check the list.
    pub(crate) fn has_suspects(&self) -> bool {
        self.words.has_suspects()
    }

    /// Treats the words from `from` on as spelled in the source if `is_spelled` accepts their text.
    pub(crate) fn trust(&mut self, from: usize, is_spelled: impl Fn(&[u8]) -> bool) {
        self.words.trust(from, is_spelled);
    }

    /// The first word of `args` that its program could take for an option although its `-` is not spelled in the
    /// source. This is decided on the whole command line, since a `--` may belong to another program than the one that
    /// reads the word.
    pub(crate) fn injected_option(&self, program: &[u8], words: &[command_line::Word<'_>]) -> Option<Refusal> {
        let behind = behind_dashes(&invocations(program, words), words);
        let guarded = self.script_end.unwrap_or(self.words.len());
        let is_injected =
            |(index, word): &(usize, ArgvWord<'_>)| *index < guarded && word.is_suspect && !behind[*index];
        let (index, word) = self.words.iter().enumerate().find(is_injected)?;
        let shown = if word.secret_from.is_some() { crate::secret::HIDDEN.as_bytes() } else { word.text.to_bytes() };
        let behind_dashes = words[..index].iter().any(|word| word.text == b"--" && !word.is_value);
        Some(Refusal::argument(index + 1, Fault::InjectedOption { text: shown.to_vec(), behind_dashes }))
    }

    /// Reserves about this many bytes at once.
    pub(crate) fn expect(&mut self, bytes: usize) {
        self.words.bytes.reserve(bytes);
    }

    /// Adds a literal of the declaration.
    pub(crate) fn literal(&mut self, text: &[u8], marks: Marks) {
        let secret_from = marks.secret.then_some(0);
        self.words.push([text, b""], Note { secret_from, is_verbatim: marks.verbatim, ..Note::default() });
    }

    /// Adds a computed argument, unless it has no value.
    pub(crate) fn computed(&mut self, hole: Hole<'_>, marks: Marks) {
        if let Some(text) = hole.text() {
            self.add([&text, b""], hole.origin(), marks, 0);
        }
    }

    /// Adds `key=value` as one argument.
    pub(crate) fn pair(&mut self, key: &[u8], value: Hole<'_>, marks: Marks) {
        if let Some(text) = value.text() {
            let origin = if value.origin() == Origin::Spelled { Origin::Spelled } else { Origin::Begun };
            self.add([key, &text], origin, marks, key.len());
        }
    }

    /// Adds an option and its value as two arguments, or none if either has no value.
    pub(crate) fn option(&mut self, option: Hole<'_>, value: Hole<'_>, marks: Marks) {
        if let (Some(option_text), Some(value_text)) = (option.text(), value.text()) {
            self.add([&option_text, b""], option.origin(), Marks { secret: false, ..marks }, 0);
            // After a word that is not an option, the value could be read as an option.
            let is_value = has_value(&option_text);
            let origin = match value.origin() {
                Origin::Anywhere if is_value => Origin::Begun,
                origin => origin,
            };
            self.add_noted([&value_text, b""], origin, marks, 0, is_value && *value_text == *b"--");
        }
    }

    /// Adds a script and its name for a shell. The arguments after it are not options.
    pub(crate) fn script(&mut self, script: Hole<'_>, name: &[u8], secret: bool) {
        self.literal(b"-c", Marks::default());
        self.computed(script.spelled(), Marks { secret, verbatim: true });
        self.literal(name, Marks::default());
        self.script_end = Some(self.words.len());
    }

    fn add(&mut self, parts: [&[u8]; 2], origin: Origin, marks: Marks, secret_from: usize) {
        self.add_noted(parts, origin, marks, secret_from, false);
    }

    fn add_noted(&mut self, parts: [&[u8]; 2], origin: Origin, marks: Marks, secret_from: usize, is_value: bool) {
        let index = self.words.len() + 1;
        if parts.iter().any(|part| part.contains(&0)) {
            self.refuse(Refusal::argument(index, Fault::Nul));
            return self.words.push([b"", b""], Note::default());
        }
        let is_guarded = origin == Origin::Anywhere && !marks.verbatim;
        let note = Note {
            word: 0,
            secret_from: marks.secret.then_some(secret_from),
            is_computed: origin != Origin::Spelled,
            is_verbatim: marks.verbatim,
            is_suspect: is_guarded && parts[0].len() > 1 && parts[0].starts_with(b"-"),
            is_value,
        };
        self.words.push(parts, note);
    }

    fn append(&mut self, other: &Args, secret: bool) {
        if let Some(refusal) = &other.refused {
            let shifted = refusal.clone().shifted(self.words.len());
            self.refuse(if secret { shifted.hidden() } else { shifted });
        }
        self.words.append(&other.words, secret);
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
    }
}

/// Shows a word of a command, with `***` for a part that is marked secret. Other words may repeat that secret, so all
/// secrets are hidden.
pub(super) fn shown(word: ArgvWord<'_>, secrets: &Secrets) -> String {
    let bytes = word.text.to_bytes();
    match word.secret_from {
        None => Quoted::new(&secrets.hide_in_words(bytes)).to_string(),
        Some(from) => Quoted::hidden_behind(&bytes[..from.min(bytes.len())]).to_string(),
    }
}

/// Shows the words quoted for a shell, with secrets hidden.
impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let secrets = Secrets::new(self.words.secrets());
        let mut list = f.debug_list();
        for word in self.words.iter() {
            list.entry(&format_args!("{}", shown(word, &secrets)));
        }
        list.finish()
    }
}

/// An operand of `..list` in `args`: any list of values, or [`Args`].
///
/// The type parameter distinguishes the implementations. It is always inferred.
///
/// ```
/// use airtight::{args, command};
/// let (names, more) = (vec!["a.txt".to_owned(), "b.txt".to_owned()], args!["--verbose"]);
/// assert_eq!(command! { "stat", args: [..more, ..&names] }.to_string(), "stat --verbose a.txt b.txt");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spread into the arguments of a command",
    label = "expected a list of values",
    note = "`..` takes any `IntoIterator` over values, or the `Args` that `args![…]` returns"
)]
pub trait Spread<Kind> {
    #[doc(hidden)]
    fn spread_into(self, args: &mut Args, marks: Marks);
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Each<Kind>(std::marker::PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<Kind, List: IntoIterator<Item: Value<Kind>>> Spread<Each<Kind>> for List {
    fn spread_into(self, args: &mut Args, marks: Marks) {
        for item in self {
            args.computed(item.hole(), marks);
        }
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Checked {}

#[diagnostic::do_not_recommend]
impl Spread<Checked> for &Args {
    fn spread_into(self, args: &mut Args, marks: Marks) {
        args.append(self, marks.secret);
    }
}

#[diagnostic::do_not_recommend]
impl Spread<Checked> for Args {
    fn spread_into(self, args: &mut Args, marks: Marks) {
        (&self).spread_into(args, marks);
    }
}
