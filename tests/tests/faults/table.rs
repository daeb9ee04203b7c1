//! The results as the table of the documentation page.

use crate::catalogue::{PASSED_OVER, ROWS};
use crate::commands::{KINDS, Kind, TIERS, Tier, errno_name};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A cell for each kind, tier, row and errno that was tried.
pub(crate) struct Table {
    cells: BTreeMap<(usize, usize, usize, i32), String>,
}

impl Table {
    pub(crate) fn new() -> Table {
        Table { cells: BTreeMap::new() }
    }

    pub(crate) fn set(&mut self, kind: Kind, tier: Tier, row: usize, errno: i32, cell: String) {
        self.cells.insert((kind as usize, tier as usize, row, errno), cell);
    }

    /// Rows whose call is never made: the catalogue is wrong, or a command has changed.
    pub(crate) fn rows_without_a_cell(&self) -> impl Iterator<Item = usize> {
        (0..ROWS.len()).filter(|row| !self.cells.keys().any(|(_, _, of, _)| of == row))
    }

    /// Compares the page with this table, or writes it anew on demand.
    pub(crate) fn compare_with_the_page(&self, faults: usize) {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../runtime/docs/faults.md");
        let page = self.page();
        if std::env::var_os("AIRTIGHT_BLESS").is_some() {
            std::fs::write(path, page).expect("the page");
            println!("the page has {} cells of {faults} faults", self.cells.len());
            return;
        }
        let written = std::fs::read_to_string(path).expect("the page");
        let fixed =
            |text: &str| text.lines().filter(|line| !is_of_serving(line)).map(str::to_owned).collect::<Vec<_>>();
        let (written, page) = (fixed(&written), fixed(&page));
        let first = written.iter().zip(&page).find(|(written, made)| written != made);
        assert!(written == page, "runtime/docs/faults.md differs from the results: {first:#?}");
    }

    fn page(&self) -> String {
        let mut page = String::from(HEAD);
        for (kind, name) in KINDS {
            let tiers: Vec<_> = TIERS.into_iter().filter(|(tier, _)| tier.is_of(kind)).collect();
            let _ = write!(page, "\n# {}\n\n| call | errno |", capital(name));
            tiers.iter().for_each(|(_, name)| page.push_str(&format!(" {name} |")));
            page.push_str("\n|---|---|");
            page.push_str(&"---|".repeat(tiers.len()));
            page.push('\n');
            for (row, entry) in ROWS.iter().enumerate() {
                self.lines_of(kind, &tiers, row, entry, &mut page);
            }
        }
        page.push_str("\n# Not made to fail\n\n| calls | because |\n|---|---|\n");
        for passed_over in PASSED_OVER {
            let _ = writeln!(page, "| {} | {} |", passed_over.names(), passed_over.why);
        }
        page
    }

    /// Errnos of a row with the same results on all tiers share a line.
    fn lines_of(
        &self,
        kind: Kind,
        tiers: &[(Tier, &str)],
        row: usize,
        entry: &crate::catalogue::Row,
        page: &mut String,
    ) {
        let mut lines: Vec<(Vec<String>, Vec<String>)> = Vec::new();
        for (errno, _) in entry.errnos() {
            let name = errno_name(errno);
            let cells: Vec<_> = tiers
                .iter()
                .map(|(tier, _)| match self.cells.get(&(kind as usize, *tier as usize, row, errno)) {
                    None => "–".to_owned(),
                    // The cell omits the errno, which has a column of its own.
                    Some(cell) => cell.replace(&format!(" {name}"), ""),
                })
                .collect();
            match lines.iter_mut().find(|(_, other)| *other == cells) {
                Some((errnos, _)) => errnos.push(name),
                None => lines.push((vec![name], cells)),
            }
        }
        for (errnos, cells) in lines.iter().filter(|(_, cells)| cells.iter().any(|cell| cell != "–")) {
            let cells: Vec<_> = cells.iter().map(|cell| shown(cell)).collect();
            let _ = writeln!(page, "| {} | {} | {} |", entry.name, errnos.join(", "), cells.join(" | "));
        }
    }
}

/// Rows whose number of calls depends on the speed of the program: each result is checked, but the set of results
/// varies between runs.
fn is_of_serving(line: &str) -> bool {
    let rows = ["poll", "pwritev2 RWF_NOSIGNAL", "read, of a stream or a report", "waitid", "write, to a pipe"];
    rows.iter().any(|row| line.starts_with(&format!("| {row} |")))
}

const HEAD: &str = "\
Each system call of a start was made to fail once at each occurrence, with each relevant errno of its manual page. The
tables show how the command ended: it failed with an error of the named [`Step`](crate::Step) that carries the errno, or
it ran (*runs*: there is a fallback, or the call is not essential). A dash means that no such call is made there. No run
left a process, a descriptor or a pidfile. Each run left this process unchanged. Each program that ran had exactly the
declared state.

The columns are the tiers, the ways to create a child. *clone3*: sharing memory. *clone*: clone3 is refused. *old
kernel*: without clone3, pidfds, close_range and RWF_NOSIGNAL. *ids, stage* and *ids, copy*: the ids change. *fork*:
with a `pre_exec` closure. `exec` creates no child: its calls stand under *clone3*, and under *ids, copy* where the ids
change.

The test `faults` generates this page. It fails if the results differ from the page, if a call has no row, and if the
call of a row is never made. The number of calls that serve streams varies: their rows show one run.
";

fn capital(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn shown(cell: &str) -> String {
    let parts = cell.split(", ").map(|part| match part {
        "runs" => "*runs*".to_owned(),
        "–" => part.to_owned(),
        step => format!("`{step}`"),
    });
    parts.collect::<Vec<_>>().join(", ")
}

/// The lines that only one of the two texts has.
pub(crate) fn difference(expected: &str, seen: &str) -> String {
    let missing = expected.lines().filter(|line| !seen.lines().any(|other| other == *line));
    let added = seen.lines().filter(|line| !expected.lines().any(|other| other == *line));
    let missing = missing.map(|line| format!("- {line}\n"));
    missing.chain(added.map(|line| format!("+ {line}\n"))).take(60).collect()
}
