//! Keeping secrets out of everything that is shown: what the child prints may repeat what it was given.

mod automaton;
mod masker;
#[cfg(test)]
mod tests;

use automaton::Automaton;
pub(crate) use masker::Masker;
use std::borrow::Cow;
use std::sync::{Arc, OnceLock};

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "***";

/// A shorter secret is hidden in what a program says, and not in what is said of it: of a path or a variable that
/// happens to contain it, it would hide nothing but what is wrong.
const SHORT: usize = 4;

/// The texts that must not appear. A secret of several lines is each of its lines: whatever ends them where they are
/// shown, none of them appears.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Option<Arc<Texts>>);

struct Texts {
    texts: Vec<Vec<u8>>,
    /// Made when something is first searched for them.
    automaton: OnceLock<Automaton>,
}

impl Secrets {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Secrets {
        let mut texts = Vec::new();
        let lines = secrets.into_iter().flat_map(|secret| secret.split(|byte| matches!(byte, b'\n' | b'\r')));
        for line in lines.filter(|line| !line.is_empty()) {
            texts.push(line.to_vec());
            // Without the blanks around it, which many a program drops.
            texts.extend(Some(line.trim_ascii()).filter(|text| text.len() >= SHORT).map(<[u8]>::to_vec));
            // As an error quotes it that has it as a text, or shows it with `{:?}`.
            let text = String::from_utf8_lossy(line);
            texts.push(text.escape_debug().to_string().into_bytes());
            texts.push(text.into_owned().into_bytes());
        }
        texts.sort_unstable();
        texts.dedup();
        let known = Texts { texts, automaton: OnceLock::new() };
        Secrets((!known.texts.is_empty()).then(|| Arc::new(known)))
    }

    /// The length of the longest one.
    pub(crate) fn longest(&self) -> usize {
        self.0.iter().flat_map(|known| known.texts.iter().map(Vec::len)).max().unwrap_or(0)
    }

    /// What hides them in a text that comes in pieces; `None` where there is nothing to hide.
    pub(crate) fn masker(&self) -> Option<Masker> {
        self.masker_of(1)
    }

    /// Of those alone that are so long.
    fn masker_of(&self, least: usize) -> Option<Masker> {
        self.0.as_ref().map(|known| Masker::new(Arc::clone(known), least))
    }

    /// `text` with every secret replaced; if its end was `cut`, what could be the beginning of one there too.
    pub(crate) fn hide<'a>(&self, text: &'a [u8], cut: bool) -> Cow<'a, [u8]> {
        hidden(self.masker(), text, cut)
    }

    /// As [`hide`](Self::hide), in what this process itself says of a command.
    pub(crate) fn hide_in_words<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        hidden(self.masker_of(SHORT), text, false)
    }

    /// As [`hide_in_words`](Self::hide_in_words), of a text.
    pub(crate) fn hide_in_text(&self, text: String) -> String {
        match self.0 {
            None => text,
            Some(_) => String::from_utf8_lossy(&self.hide_in_words(text.as_bytes())).into_owned(),
        }
    }
}

impl Texts {
    fn automaton(&self) -> &Automaton {
        self.automaton.get_or_init(|| Automaton::new(self.texts.iter().map(Vec::as_slice)))
    }
}

fn hidden(masker: Option<Masker>, text: &[u8], cut: bool) -> Cow<'_, [u8]> {
    let Some(mut masker) = masker else { return Cow::Borrowed(text) };
    let mut shown = Vec::with_capacity(text.len());
    masker.push(text, &mut shown);
    masker.finish(cut, &mut shown);
    Cow::Owned(shown)
}
