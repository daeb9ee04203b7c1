//! Hides secrets in everything that is shown. A child may print the secrets that it was given.

mod automaton;
mod masker;
#[cfg(test)]
mod tests;
mod texts;

pub(crate) use masker::Masker;
use std::borrow::Cow;
use std::sync::Arc;
pub(crate) use texts::HIDDEN;
use texts::Texts;

/// Secrets shorter than this are hidden in a program's output, but not in texts about the command: there they would
/// hide only parts of paths and variables that happen to contain them.
const SHORT: usize = 4;

/// The texts to hide. A secret of several lines is hidden line by line, so it is recognised with any kind of line
/// ending.
#[derive(Clone, Default)]
pub(crate) struct Secrets(Option<Known>);

#[derive(Clone)]
struct Known {
    /// Hidden in a program's output: every line.
    lines: Arc<Texts>,
    /// Hidden in texts about the command: lines that are not short, and the whole of a secret that has a short line.
    words: Arc<Texts>,
}

impl Secrets {
    pub(crate) fn new<'a>(secrets: impl IntoIterator<Item = &'a [u8]>) -> Secrets {
        let (mut all, mut wholes) = (Vec::new(), Vec::new());
        for secret in secrets {
            let lines: Vec<_> = lines(secret).filter(|line| !line.is_empty()).collect();
            for line in &lines {
                add_forms(line, &mut all);
                add_trimmed(line, &mut all);
            }
            if lines.iter().any(|line| line.len() < SHORT) {
                for whole in [secret.to_vec(), lines.join(&b'\n'), lines.join(&b"\r\n"[..])] {
                    if whole.len() >= SHORT {
                        add_forms(&whole, &mut wholes);
                        add_trimmed(&whole, &mut wholes);
                    }
                }
            }
        }
        if all.is_empty() {
            return Secrets(None);
        }
        wholes.extend(all.iter().filter(|text| text.len() >= SHORT).cloned());
        Secrets(Some(Known { lines: Arc::new(Texts::new(all)), words: Arc::new(Texts::new(wholes)) }))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_none()
    }

    /// The length of the longest text that is hidden in a program's output.
    pub(crate) fn longest(&self) -> usize {
        self.0.iter().flat_map(|known| known.lines.texts.iter().map(Vec::len)).max().unwrap_or(0)
    }

    /// A masker for a stream; `None` if there are no secrets.
    pub(crate) fn masker(&self) -> Option<Masker> {
        self.0.as_ref().map(|known| Masker::new(Arc::clone(&known.lines)))
    }

    /// Replaces every secret in `text`. If its end was `cut` off, a possible beginning of a secret there is replaced as
    /// well.
    pub(crate) fn hide<'a>(&self, text: &'a [u8], cut: bool) -> Cow<'a, [u8]> {
        hidden(self.masker(), text, cut)
    }

    /// As [`hide`](Self::hide), for texts of this process about a command.
    pub(crate) fn hide_in_words<'a>(&self, text: &'a [u8]) -> Cow<'a, [u8]> {
        hidden(self.0.as_ref().map(|known| Masker::new(Arc::clone(&known.words))), text, false)
    }

    /// As [`hide_in_words`](Self::hide_in_words), for a `String`.
    pub(crate) fn hide_in_text(&self, text: String) -> String {
        match self.0 {
            None => text,
            Some(_) => String::from_utf8_lossy(&self.hide_in_words(text.as_bytes())).into_owned(),
        }
    }
}

fn lines(secret: &[u8]) -> impl Iterator<Item = &[u8]> {
    secret.split(|byte| matches!(byte, b'\n' | b'\r'))
}

/// Adds the text and the forms in which errors show it: decoded, quoted with `{:?}`, and escaped.
fn add_forms(bytes: &[u8], texts: &mut Vec<Vec<u8>>) {
    let text = String::from_utf8_lossy(bytes);
    let quoted = format!("{text:?}");
    texts.push(bytes.to_vec());
    // The three forms differ in whether they escape `'` and combining characters.
    texts.push(quoted.as_bytes()[1..quoted.len() - 1].to_vec());
    texts.push(text.escape_debug().to_string().into_bytes());
    texts.push(text.chars().flat_map(char::escape_debug).collect::<String>().into_bytes());
    texts.push(text.into_owned().into_bytes());
}

/// Adds the text without surrounding white space, which many programs remove.
fn add_trimmed(bytes: &[u8], texts: &mut Vec<Vec<u8>>) {
    let trimmed = bytes.trim_ascii();
    if trimmed.len() >= SHORT && trimmed.len() < bytes.len() {
        add_forms(trimmed, texts);
    }
}

fn hidden(masker: Option<Masker>, text: &[u8], cut: bool) -> Cow<'_, [u8]> {
    let Some(mut masker) = masker else { return Cow::Borrowed(text) };
    let mut shown = Vec::with_capacity(text.len());
    masker.push(text, &mut shown);
    masker.finish(cut, &mut shown);
    Cow::Owned(shown)
}
