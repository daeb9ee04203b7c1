//! The results as the table of the documentation page.

use crate::{PROGRAMS, Place, STREAMS, WAYS};
use airtight_tests::at_scale;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Compares the page with the results, or writes it anew on demand. `first` is the user of the first cells.
pub(crate) fn compare(cells: &BTreeMap<Place, String>, of_nobody: &BTreeMap<Place, String>, first: usize) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../runtime/docs/endings.md");
    let made = page(cells, of_nobody);
    if std::env::var_os("AIRTIGHT_BLESS").is_some() && at_scale(0, 1) == 1 && first == 0 {
        return std::fs::write(path, made).expect("the page");
    }
    let written = std::fs::read_to_string(path).expect("the page");
    let lines = |page: &str| page.lines().map(str::to_owned).collect::<Vec<_>>();
    assert!(lines(&written).iter().zip(lines(&made)).all(|(line, made)| line.starts_with('|') || *line == made));
    let mut wrong = Vec::new();
    for (user, cells) in [(first, cells), (1, of_nobody)] {
        for (place, outcome) in cells {
            let shown = cell_of_page(&written, *place);
            // One entry for both users where they agree.
            if shown.split(", as nobody ").nth(user).or(shown.split(", as nobody ").next()) != Some(outcome) {
                wrong.push(format!("{place:?} as user {user}: {outcome}, and on the page {shown}"));
            }
        }
    }
    assert!(wrong.is_empty(), "runtime/docs/endings.md differs from the results:\n{}", wrong.join("\n"));
}

fn cell_of_page(page: &str, place: Place) -> String {
    let table = page.split("\n# ").nth(place.way + 1).unwrap_or_default();
    let line = table.lines().filter(|line| line.starts_with('|')).nth(place.program + 2).unwrap_or_default();
    line.split(" | ").nth(place.stream + 1).unwrap_or_default().trim_end_matches(" |").replace(['`', '*'], "")
}

fn page(of_root: &BTreeMap<Place, String>, of_nobody: &BTreeMap<Place, String>) -> String {
    let mut page = HEAD.to_owned();
    for (way, name) in WAYS.iter().enumerate() {
        let _ = write!(page, "\n# {name}\n\n| the program | {} |\n|---|{}\n", STREAMS.join(" | "), "---|".repeat(6));
        for (program, (what, _)) in PROGRAMS.iter().enumerate() {
            let cells = (0..STREAMS.len()).map(|stream| {
                let of = |cells: &BTreeMap<Place, String>| {
                    cells.get(&Place { way, program, stream }).map(|outcome| match outcome.as_str() {
                        "ok" | "reaped" | "still runs" => format!("*{outcome}*"),
                        kind => format!("`{kind}`"),
                    })
                };
                match (of(of_root), of(of_nobody)) {
                    (Some(root), Some(nobody)) if root != nobody => format!("{root}, as nobody {nobody}"),
                    (Some(one), _) | (None, Some(one)) => one,
                    (None, None) => "–".to_owned(),
                }
            });
            let _ = writeln!(page, "| {what} | {} |", cells.collect::<Vec<_>>().join(" | "));
        }
    }
    page
}

const HEAD: &str = "\
A command with `timeout: after(t, grace = g)` returns within `t + g` plus 1.1 s. It also returns within 1.1 s of the end
of its program, of a failed callback, of `abort` and of a drop. This holds for each behaviour of the program and its
leftovers, each method and each stream kind. The tables show how the command ends, as root, and as an ordinary user
where that differs: *ok*, the [kind](crate::ErrorKind) of the error, or the fate of the program of a dropped command.

*log*, *text*, *lines*, *null* and *file* are the kind of stdout, or of stderr where a callback of stdout fails
(`text(max = 4096)`, `file(path)`). *FIFO* is `stdin: file(path)` with a FIFO that no process opens for writing: the
program is not started. `spawn` serves no streams. A frozen program is in a frozen control group of version 2, in which
processes can be killed. A program of another user became root by its setuid bit: this process may not signal it, and
reaps it when it ends.

The test `endings` generates this page. It measures the time of each combination, and fails if a result differs from the
page.
";
