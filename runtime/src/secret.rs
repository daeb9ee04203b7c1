//! Keeping secrets out of everything that is shown: what the child prints may repeat what it was given.

/// The texts that must not appear, whole or line by line.
#[derive(Clone, Default)]
pub(crate) struct Secrets {
    texts: Vec<Vec<u8>>,
}

/// What stands in a secret's place.
pub(crate) const HIDDEN: &str = "***";

/// Which ends of a text were cut from something longer, so that a part of a secret could stand there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Cut {
    pub(crate) start: bool,
    pub(crate) end: bool,
}

impl Secrets {
    pub(crate) fn add(&mut self, text: &[u8]) {
        let lines = text.split(|byte| *byte == b'\n').filter(|line| line.len() < text.len());
        for part in std::iter::once(text).chain(lines) {
            if !part.is_empty() && !self.texts.iter().any(|known| known == part) {
                self.texts.push(part.to_vec());
            }
        }
        // The longest first: a secret that contains another is hidden whole.
        self.texts.sort_by_key(|text| std::cmp::Reverse(text.len()));
    }

    /// The length of the longest one.
    pub(crate) fn longest(&self) -> usize {
        self.texts.first().map_or(0, Vec::len)
    }

    /// `text` with every secret replaced, those that a cut left in part included.
    pub(crate) fn hide(&self, text: &[u8], cut: Cut) -> Vec<u8> {
        if self.texts.is_empty() {
            return text.to_vec();
        }
        let mut shown = Vec::with_capacity(text.len());
        let mut rest = text;
        if cut.start {
            let partial = self.texts.iter().map(|secret| overlap(secret, rest)).max().unwrap_or(0);
            if partial > 0 {
                shown.extend_from_slice(HIDDEN.as_bytes());
                rest = &rest[partial..];
            }
        }
        while let Some(first) = rest.first() {
            if let Some(secret) = self.texts.iter().find(|secret| rest.starts_with(secret)) {
                shown.extend_from_slice(HIDDEN.as_bytes());
                rest = &rest[secret.len()..];
            } else if cut.end && self.texts.iter().any(|secret| secret.starts_with(rest)) {
                shown.extend_from_slice(HIDDEN.as_bytes());
                break;
            } else {
                shown.push(*first);
                rest = &rest[1..];
            }
        }
        shown
    }
}

/// How many of the first bytes of `text` are the end of `secret`.
fn overlap(secret: &[u8], text: &[u8]) -> usize {
    (1..secret.len().min(text.len() + 1))
        .rev()
        .find(|&length| text.starts_with(&secret[secret.len() - length..]))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Cut, Secrets};

    fn secrets(texts: &[&str]) -> Secrets {
        let mut secrets = Secrets::default();
        texts.iter().for_each(|text| secrets.add(text.as_bytes()));
        secrets
    }

    fn hide(secrets: &Secrets, text: &str, start: bool, end: bool) -> String {
        String::from_utf8_lossy(&secrets.hide(text.as_bytes(), Cut { start, end })).into_owned()
    }

    #[test]
    fn hides_every_occurrence_and_every_line_of_a_secret() {
        let secrets = secrets(&["hunter2", "first\nsecond"]);
        assert_eq!(hide(&secrets, "a hunter2 b hunter2", false, false), "a *** b ***");
        assert_eq!(hide(&secrets, "only second here", false, false), "only *** here");
        assert_eq!(hide(&secrets, "first\nsecond", false, false), "***");
    }

    #[test]
    fn hides_what_a_cut_leaves_of_a_secret() {
        let secrets = secrets(&["hunter2"]);
        assert_eq!(hide(&secrets, "nter2 said", true, false), "*** said");
        assert_eq!(hide(&secrets, "it was hunt", false, true), "it was ***");
        assert_eq!(hide(&secrets, "it was hunt", false, false), "it was hunt");
    }
}
