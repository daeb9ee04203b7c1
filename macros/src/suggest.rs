//! "Did you mean": the known word nearest to a misspelled one.

/// The word of `known` nearest to `word`, within an edit distance of a third of its length.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let lower = word.to_lowercase();
    let limit = (word.chars().count() / 3).max(1);
    known
        .into_iter()
        .map(|candidate| (distance(&lower, &candidate.to_lowercase()), candidate))
        .filter(|&(distance, _)| distance <= limit)
        .min_by_key(|&(distance, _)| distance)
        .map(|(_, candidate)| candidate)
}

/// A help line for an unknown word: the known words that begin with it, the nearest one, or all of them.
pub(crate) fn help(word: &str, known: &[&str]) -> String {
    let begun: Vec<&str> = known.iter().copied().filter(|candidate| begins(word, candidate)).collect();
    match (begun.as_slice(), nearest(word, known.iter().copied())) {
        ([], None) => format!("valid here: {}", list(known)),
        ([], Some(candidate)) => format!("did you mean `{candidate}`?"),
        (begun, _) => format!("did you mean {}?", list(begun)),
    }
}

/// Whether `word` is a prefix of `candidate`, ignoring case, as while a user is typing.
fn begins(word: &str, candidate: &str) -> bool {
    word.len() > 1 && candidate.get(..word.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(word))
}

/// `a`, `b` or `c`, each in backticks.
pub(crate) fn list(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}

/// The edit distance of two words; a transposition counts as one edit (optimal string alignment).
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let substitution = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = substitution.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            row.push(best);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::{help, nearest};

    #[test]
    fn knows_a_word_by_its_beginning() {
        let known = ["stdin", "stdout", "args", "buffer"];
        assert_eq!(help("std", &known), "did you mean `stdin` or `stdout`?");
        assert_eq!(help("bu", &known), "did you mean `buffer`?");
        assert_eq!(help("stdot", &known), "did you mean `stdout`?");
        assert_eq!(help("x", &known), "valid here: `stdin`, `stdout`, `args` or `buffer`");
    }

    #[test]
    fn finds_the_slip_of_a_finger_and_nothing_else() {
        let known = ["stdin", "stdout", "stderr", "status", "args"];
        assert_eq!(nearest("stdot", known), Some("stdout"));
        assert_eq!(nearest("tsdin", known), Some("stdin"));
        assert_eq!(nearest("STDERR", known), Some("stderr"));
        assert_eq!(nearest("arg", known), Some("args"));
        assert_eq!(nearest("directory", known), None);
        assert_eq!(nearest("", known), None);
    }
}
