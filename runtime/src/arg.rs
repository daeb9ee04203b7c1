//! Arguments: an owned list of words, the guard against injected options, and what can be spread into it.

use crate::error::{Fault, Refusal};
use crate::value::{Hole, Value};
use std::ffi::CStr;
use std::fmt;

/// NUL-terminated words, one behind the other.
#[derive(Clone, Default)]
pub(crate) struct Words {
    bytes: Vec<u8>,
    /// Words of which all from a byte on is secret, in order.
    hidden: Vec<Hidden>,
    count: usize,
}

#[derive(Clone, Copy)]
struct Hidden {
    word: usize,
    from: usize,
}

/// One word, and from which byte on it is secret.
#[derive(Clone, Copy)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a CStr,
    pub(crate) secret_from: Option<usize>,
}

impl Words {
    /// Adds a word without a NUL: what follows one would be lost, so callers refuse such texts first.
    fn push(&mut self, parts: [&[u8]; 2], secret_from: Option<usize>) {
        self.hidden.extend(secret_from.map(|from| Hidden { word: self.count, from }));
        parts.iter().for_each(|part| self.bytes.extend_from_slice(part));
        self.bytes.push(0);
        self.count += 1;
    }

    fn append(&mut self, other: &Words) {
        self.hidden.extend(other.hidden.iter().map(|hidden| Hidden { word: self.count + hidden.word, ..*hidden }));
        self.bytes.extend_from_slice(&other.bytes);
        self.count += other.count;
    }

    pub(crate) fn len(&self) -> usize {
        self.count
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Word<'_>> {
        let texts = self.bytes.split_inclusive(|byte| *byte == 0);
        texts.filter_map(|text| CStr::from_bytes_with_nul(text).ok()).enumerate().map(|(index, text)| {
            let secret_from = self.hidden.iter().find(|hidden| hidden.word == index).map(|hidden| hidden.from);
            Word { text, secret_from }
        })
    }
}

/// How one word is to be treated.
#[derive(Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) secret: bool,
    /// Spelled in the source, or marked so: it may begin with `-`.
    pub(crate) spelled: bool,
}

/// A list of arguments, written with [`args!`](crate::args!) and checked where it is written: spread into a declaration
/// with `..list` it is not guarded again.
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
/// A problem that only run time can show (a NUL, an injected option) is kept, and reported by what runs the command.
#[derive(Clone, Default)]
pub struct Args {
    words: Words,
    /// A literal `--` was passed: what follows is no option.
    options_ended: bool,
    refused: Option<Refusal>,
}

impl Args {
    /// An empty list.
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

    /// Whether there is no argument.
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

    /// A literal of the declaration.
    pub(crate) fn literal(&mut self, text: &[u8], secret: bool) {
        self.options_ended |= text == b"--";
        self.words.push([text, b""], secret.then_some(0));
    }

    /// A computed argument, left out where there is none.
    pub(crate) fn computed(&mut self, hole: Hole<'_>, secret: bool) {
        if let Some(text) = hole.text() {
            self.add([&text, b""], Marks { secret, spelled: hole.is_spelled() }, 0);
        }
    }

    /// `key=value`, one argument.
    pub(crate) fn pair(&mut self, key: &[u8], value: Hole<'_>, secret: bool) {
        if let Some(value) = value.text() {
            self.add([key, &value], Marks { secret, spelled: true }, key.len());
        }
    }

    /// An option and its value, two arguments or none.
    pub(crate) fn option(&mut self, option: Hole<'_>, value: Hole<'_>, secret: bool) {
        if let (Some(option_text), Some(value_text)) = (option.text(), value.text()) {
            self.options_ended |= option.is_spelled() && *option_text == *b"--";
            self.add([&option_text, b""], Marks { secret: false, spelled: option.is_spelled() }, 0);
            // Behind a word that is no option, a value could be read as one.
            let spelled = value.is_spelled() || option_text.starts_with(b"-");
            self.add([&value_text, b""], Marks { secret, spelled }, 0);
        }
    }

    /// What makes a shell execute a script: the arguments behind it are no options.
    pub(crate) fn script(&mut self, script: Hole<'_>, name: &[u8], secret: bool) {
        self.literal(b"-c", false);
        self.computed(script.verbatim(), secret);
        self.literal(name, false);
        self.options_ended = true;
    }

    fn add(&mut self, parts: [&[u8]; 2], marks: Marks, secret_from: usize) {
        let index = self.words.len() + 1;
        if parts.iter().any(|part| part.contains(&0)) {
            self.refuse(Refusal::argument(index, Fault::Nul));
            return self.words.push([b"", b""], None);
        }
        let guarded = !marks.spelled && !self.options_ended;
        if guarded && parts[0].len() > 1 && parts[0].starts_with(b"-") {
            let shown = if marks.secret { crate::secret::HIDDEN.as_bytes() } else { parts[0] };
            self.refuse(Refusal::argument(index, Fault::InjectedOption(shown.to_vec())));
        }
        self.words.push(parts, marks.secret.then_some(secret_from));
    }

    fn refuse(&mut self, refusal: Refusal) {
        self.refused.get_or_insert(refusal);
    }

    fn append(&mut self, other: &Args) {
        if let Some(refusal) = &other.refused {
            let shifted = refusal.clone().shifted(self.words.len());
            self.refuse(shifted);
        }
        self.words.append(&other.words);
        self.options_ended |= other.options_ended;
    }
}

/// Shows the words, quoted for a shell, secrets hidden.
impl fmt::Debug for Args {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut list = f.debug_list();
        for word in self.words.iter() {
            list.entry(&format_args!("{}", crate::display::Quoted::of(word)));
        }
        list.finish()
    }
}

/// What `..list` takes in `args`: any list of values, and [`Args`].
///
/// The parameter tells the implementations apart; it is always inferred and never written.
///
/// ```
/// use airtight::{args, command};
/// let (names, more) = (vec!["a.txt".to_owned(), "b.txt".to_owned()], args!["--verbose"]);
/// assert_eq!(command! { "stat", args: [..more, ..&names] }.to_string(), "stat --verbose a.txt b.txt");
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be spread into the arguments of a command",
    label = "this is no list of values",
    note = "`..` takes anything that is `IntoIterator` with values as its items, or the `Args` that `args![…]` makes"
)]
pub trait Spread<Kind> {
    #[doc(hidden)]
    fn spread_into(self, args: &mut Args, spelled: bool, secret: bool);
}

#[doc(hidden)]
#[derive(Debug)]
pub struct Each<Kind>(std::marker::PhantomData<Kind>);

#[diagnostic::do_not_recommend]
impl<Kind, List: IntoIterator<Item: Value<Kind>>> Spread<Each<Kind>> for List {
    fn spread_into(self, args: &mut Args, spelled: bool, secret: bool) {
        for item in self {
            let hole = item.hole();
            args.computed(if spelled { hole.verbatim() } else { hole }, secret);
        }
    }
}

#[doc(hidden)]
#[derive(Debug)]
pub enum Checked {}

#[diagnostic::do_not_recommend]
impl Spread<Checked> for &Args {
    fn spread_into(self, args: &mut Args, _: bool, secret: bool) {
        let from = args.words.len();
        args.append(self);
        if secret {
            args.words.hidden.retain(|hidden| hidden.word < from);
            args.words.hidden.extend((from..args.words.len()).map(|word| Hidden { word, from: 0 }));
        }
    }
}

#[diagnostic::do_not_recommend]
impl Spread<Checked> for Args {
    fn spread_into(self, args: &mut Args, spelled: bool, secret: bool) {
        (&self).spread_into(args, spelled, secret);
    }
}
