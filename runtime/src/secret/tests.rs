//! Compares the masker with a model that has the whole text at once.

use super::{HIDDEN, Secrets};

fn secrets(texts: &[&str]) -> Secrets {
    Secrets::new(texts.iter().map(|text| text.as_bytes()))
}

fn hide(texts: &[&str], text: &str, cut: bool) -> String {
    String::from_utf8_lossy(&secrets(texts).hide(text.as_bytes(), cut)).into_owned()
}

#[test]
fn hides_every_occurrence_and_every_line_of_a_secret() {
    let texts = ["hunter2", "first\nsecond"];
    assert_eq!(hide(&texts, "a hunter2 b hunter2", false), "a *** b ***");
    assert_eq!(hide(&texts, "only second here", false), "only *** here");
    assert_eq!(hide(&texts, "first\nsecond", false), "***\n***");
    assert_eq!(hide(&texts, "first\r\nsecond\r\n", false), "***\r\n***\r\n");
    assert_eq!(hide(&["first\r\n\r\nsecond\r\n"], "first\n\nsecond second", false), "***\n\n*** ***");
    assert_eq!(hide(&["\n", "\r\n", ""], "a\r\n", true), "a\r\n");
    assert_eq!(hide(&[r#"a"b\c"#], r#"it is "a\"b\\c""#, false), r#"it is "***""#);
    assert_eq!(hide(&["key: {\n  hunter2\n  }"], "(hunter2) {  } }", false), "(***) {*** }");
    let bytes = Secrets::new([b"hunt\xffer2".as_slice()]);
    assert_eq!(*bytes.hide(b"hunt\xffer2 hunt\xef\xbf\xbder2", false), *b"*** ***");
}

#[test]
fn hides_what_overlaps_or_touches_as_one() {
    assert_eq!(hide(&["ABCD", "CDEFGH"], "xABCDEFGHx", false), "x***x");
    assert_eq!(hide(&["CDEFGH", "ABCD"], "xABCDEFGx", false), "x***EFGx");
    assert_eq!(hide(&["ab", "cd"], "abcd ab cd", false), "*** *** ***");
    assert_eq!(hide(&["aba"], "abababa", false), "***");
    assert_eq!(hide(&["abcdef", "bc"], "abcdx abcdef", false), "a***dx ***");
}

#[test]
fn hides_what_a_cut_leaves_of_a_secret() {
    assert_eq!(hide(&["hunter2"], "it was hunt", true), "it was ***");
    assert_eq!(hide(&["hunter2"], "it was hunt", false), "it was hunt");
    assert_eq!(hide(&["hunter2"], "it was hunter2", true), "it was ***");
}

#[test]
fn what_comes_before_is_known_and_not_shown() {
    let secrets = secrets(&["hunter2"]);
    let mut masker = secrets.masker().expect("there is one");
    let mut shown = Vec::new();
    masker.follow(b"it is hunt");
    masker.push(b"er2 and hunter2", &mut shown);
    masker.finish(true, &mut shown);
    assert_eq!(shown, b"*** and ***");
}

#[test]
fn a_short_secret_is_not_searched_for_in_words() {
    let secrets = secrets(&["sh", "hunter2"]);
    assert_eq!(*secrets.hide_in_words(b"/bin/sh -phunter2"), *b"/bin/sh -p***");
    assert_eq!(secrets.hide_in_text("sh hunter2".to_owned()), "sh ***");
    assert_eq!(Secrets::default().hide_in_text("sh".to_owned()), "sh");
    assert!(Secrets::default().masker().is_none());
}

#[test]
fn a_short_line_is_hidden_in_words_with_the_whole_of_its_secret() {
    let words = |texts: &[&str], text: &str| secrets(texts).hide_in_text(text.to_owned());
    assert_eq!(words(&["ab\ncd\nef"], "-pab\ncd\nef and ab"), "-p*** and ab");
    assert_eq!(words(&["ab\ncd\nef\n"], "ab\ncd\nef ab\r\ncd\r\nef"), "*** ***");
    assert_eq!(words(&["abc\r\ndefg-1"], "abc\r\ndefg-1 abc\ndefg-1 defg-1 abc"), "*** *** *** abc");
    assert_eq!(words(&["ab\ncd\nef"], &format!("{:?}", "ab\ncd\nef")), r#""***""#);
    assert_eq!(words(&["a\nb"], "a\nb"), "a\nb");
}

#[test]
fn a_secret_is_hidden_however_it_is_quoted() {
    for secret in ["pa'ss\"hunter2", " pa'ss\"hunter2 ", "e\u{301}'\u{301}x\u{301}", "\u{301}e'x", "tab\t'\\"] {
        let forms = [
            secret.to_owned(),
            format!("{secret:?}"),
            format!("{:?}", secret.trim()),
            secret.escape_debug().to_string(),
            format!("{:?}", std::path::Path::new(secret)),
            format!("{:?}", Some(format!("a{secret}"))),
        ];
        for form in forms {
            let shown = hide(&[secret], &form, false);
            let left = shown.chars().filter(|char| !" \"'Some(a)*".contains(*char)).count();
            assert!(shown.contains(HIDDEN) && left == 0, "{form}: {shown}");
        }
    }
}

/// A generator that yields the same numbers in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit.max(1) as u64) as usize
    }

    /// A text of two letters, so that many texts share prefixes and suffixes, with occasional newlines.
    fn text(&mut self, longest: usize) -> Vec<u8> {
        let length = self.below(longest + 1);
        (0..length).map(|_| if self.below(20) == 0 { b'\n' } else { b"ab"[self.below(2)] }).collect()
    }
}

/// Searches for each line at each position, marks the bytes that it covers, and replaces each marked range.
fn model(secrets: &[Vec<u8>], text: &[u8], cut: bool) -> Vec<u8> {
    let lines =
        || secrets.iter().flat_map(|secret| secret.split(|byte| *byte == b'\n')).filter(|line| !line.is_empty());
    let mut marked = vec![false; text.len()];
    for line in lines() {
        for at in 0..text.len() {
            let is_there = text[at..].starts_with(line);
            let is_begun = cut && line.starts_with(&text[at..]);
            if is_there || is_begun {
                marked[at..].iter_mut().take(line.len()).for_each(|marked| *marked = true);
            }
        }
    }
    let mut shown = Vec::new();
    for (at, byte) in text.iter().enumerate() {
        match (marked[at], at > 0 && marked[at - 1]) {
            (false, _) => shown.push(*byte),
            (true, false) => shown.extend_from_slice(HIDDEN.as_bytes()),
            (true, true) => {}
        }
    }
    shown
}

#[test]
fn random_secrets_in_random_pieces_are_hidden_as_the_model_hides_them() {
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    for round in 0..20_000 {
        let longest = [3, 6, 12, 40][random.below(4)];
        let texts: Vec<Vec<u8>> = (0..=random.below(4)).map(|_| random.text(longest)).collect();
        let secrets = Secrets::new(texts.iter().map(Vec::as_slice));
        let mut text = random.text(60);
        // A secret, whole or cut.
        for _ in 0..random.below(3) {
            text.extend_from_slice(&texts[random.below(texts.len())]);
            text.extend(random.text(5));
        }
        let last = &texts[random.below(texts.len())];
        text.extend_from_slice(&last[..random.below(last.len() + 1)]);
        let cut = random.below(2) == 0;
        let expected = model(&texts, &text, cut);
        assert_eq!(*secrets.hide(&text, cut), *expected, "round {round}: {texts:?} in {text:?}");
        let Some(mut masker) = secrets.masker() else { continue };
        let (mut shown, mut rest) = (Vec::new(), text.as_slice());
        while !rest.is_empty() {
            let piece;
            (piece, rest) = rest.split_at((random.below(7) + 1).min(rest.len()));
            masker.push(piece, &mut shown);
        }
        masker.finish(cut, &mut shown);
        assert_eq!(shown, expected, "round {round}: {texts:?} in pieces of {text:?}");
    }
}

/// Twice the length of the longest secret is enough context, from any position.
#[test]
fn the_end_of_a_text_shows_what_the_whole_shows_there() {
    let mut random = Random(0x1357_9bdf_0246_8ace);
    for round in 0..20_000 {
        let longest = [3, 6, 12][random.below(3)];
        let texts: Vec<Vec<u8>> = (0..=random.below(4)).map(|_| random.text(longest)).collect();
        let secrets = Secrets::new(texts.iter().map(Vec::as_slice));
        let Some(mut masker) = secrets.masker() else { continue };
        let text = random.text(80);
        let (before, end) = text.split_at(random.below(text.len() + 1));
        masker.follow(&before[before.len().saturating_sub(2 * secrets.longest())..]);
        let mut shown = Vec::new();
        masker.push(end, &mut shown);
        masker.finish(true, &mut shown);
        let whole = model(&texts, &text, true);
        // A hidden range that crosses the start is replaced once on each side of it.
        let shown = shown.strip_prefix(HIDDEN.as_bytes()).unwrap_or(&shown);
        assert!(whole.ends_with(shown), "round {round}: {texts:?} in {before:?} and {end:?}");
    }
}

/// Neither the length of a secret nor the output of a program makes the search slow.
#[test]
fn a_long_secret_in_a_text_that_is_made_of_it() {
    let secret = b"a".repeat(100_000);
    let other = [b"a".repeat(99_999), b"b".to_vec()].concat();
    let secrets = Secrets::new([secret.as_slice(), other.as_slice()]);
    let text = b"a".repeat(2_000_000);
    assert_eq!(*secrets.hide(&text, false), *HIDDEN.as_bytes());
    let almost = [b"a".repeat(99_000), b"c".to_vec()].concat().repeat(10);
    assert_eq!(*secrets.hide(&almost, false), *almost);
}
