//! The README and the pages of the documentation render whole: each table as a table, each link as one that holds where
//! the crate is published.

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[allow(dead_code, reason = "the keys are all that is asked for")]
#[allow(unused_imports, reason = "its macro is for both packages")]
#[path = "../../macros/src/language/words.rs"]
mod words;

/// The README, and each page of `runtime/docs`.
fn pages() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let docs = fs::read_dir(root.join("runtime/docs")).expect("the pages").map(|entry| entry.expect("a page").path());
    let docs = docs.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    let paths: Vec<PathBuf> = docs.chain([root.join("README.md")]).collect();
    assert!(paths.len() > 5, "{paths:?}");
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    paths.iter().map(|path| (name(path), fs::read_to_string(path).expect("a page"))).collect()
}

/// As rustdoc and crates.io read it.
fn events(page: &str) -> Parser<'_> {
    Parser::new_ext(page, Options::ENABLE_TABLES | Options::ENABLE_FOOTNOTES | Options::ENABLE_STRIKETHROUGH)
}

/// Lines of paragraphs that were meant as rows of a table.
fn raw_rows(page: &str) -> Vec<String> {
    let (mut raw, mut line, mut in_code) = (Vec::new(), String::new(), false);
    for event in events(page) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => in_code = true,
            Event::End(TagEnd::CodeBlock) => in_code = false,
            Event::Text(text) if !in_code => line.push_str(&text),
            Event::Code(_) | Event::InlineHtml(_) => line.push('…'),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                let ended = std::mem::take(&mut line);
                raw.extend(ended.trim_start().starts_with('|').then_some(ended));
            }
            Event::Start(Tag::Paragraph | Tag::Heading { .. } | Tag::Item | Tag::TableCell)
            | Event::End(TagEnd::TableCell) => line.clear(),
            _ => {}
        }
    }
    raw
}

/// Rows of a table that have more cells than its head: the rest is not shown.
fn cut_rows(page: &str) -> Vec<String> {
    let mut cut = Vec::new();
    for (event, range) in events(page).into_offset_iter() {
        let Event::Start(Tag::Table(columns)) = event else { continue };
        cut.extend(page[range].lines().filter(|row| cells(row) != columns.len()).map(str::to_owned));
    }
    cut
}

/// The cells of a row, which a `\|` does not end.
fn cells(row: &str) -> usize {
    let row = row.trim().replace("\\|", "");
    let row = row.strip_prefix('|').unwrap_or(&row);
    row.strip_suffix('|').unwrap_or(row).split('|').count()
}

/// Links that lead nowhere once the crate is published: to files of the repository.
fn relative_links(page: &str) -> Vec<String> {
    let links = events(page).filter_map(|event| match event {
        Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => Some(dest_url.into_string()),
        _ => None,
    });
    let holds = |link: &str| ["https://", "#"].iter().any(|begin| link.starts_with(begin));
    links.filter(|link| !holds(link)).collect()
}

/// The words that code begins with: in the first column of tables, and elsewhere.
fn code(page: &str) -> [BTreeSet<String>; 2] {
    let (mut found, mut column) = ([BTreeSet::new(), BTreeSet::new()], None);
    for event in events(page) {
        match event {
            Event::Start(Tag::TableRow) => column = Some(0),
            Event::End(TagEnd::TableCell) => column = column.map(|column| column + 1),
            Event::End(TagEnd::TableRow) => column = None,
            Event::Code(code) => {
                let is_part = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
                let word = code.split(|letter| !is_part(letter)).next().unwrap_or_default().to_owned();
                found[usize::from(column != Some(0))].insert(word);
            }
            _ => {}
        }
    }
    found
}

/// These keys have a section or a sentence of the page of `command!`; each other one has a row there.
const OUTSIDE_TABLES: &[&str] = &["args", "env", "stdin", "stdout", "stderr", "stdio", "fds", "shell_script"];

#[test]
fn each_key_has_a_row_of_its_own() {
    let page = |path| fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)).expect("a page");
    let [rows, prose] = code(&page("runtime/docs/command.md"));
    let is_missing = |key: &&str| match OUTSIDE_TABLES.contains(key) {
        true => !prose.contains(*key),
        false => !rows.contains(*key),
    };
    let missing: Vec<_> = words::key_names().filter(is_missing).collect();
    assert!(missing.is_empty(), "runtime/docs/command.md has nothing of {missing:?}");
    let readme = page("README.md");
    let (_, language) = readme.split_once("\n## The language\n").expect("a section");
    let [rows, _] = code(language.split("\n## ").next().unwrap_or_default());
    let keys: BTreeSet<_> = words::key_names().map(str::to_owned).collect();
    assert_eq!(rows, keys, "README.md: the first column of the language");
}

#[test]
fn each_table_is_one() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let own = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"];
    let own = own.map(|name| (name.to_owned(), fs::read_to_string(root.join(name)).expect("a page")));
    for (name, page) in pages().into_iter().chain(own) {
        assert_eq!(raw_rows(&page), Vec::<String>::new(), "{name}: rows of no table");
        assert_eq!(cut_rows(&page), Vec::<String>::new(), "{name}: rows with another number of cells");
    }
}

/// Links to a section of their own page that has no heading.
fn lost_anchors(page: &str) -> Vec<String> {
    let (mut headings, mut heading, mut links) = (BTreeSet::new(), None, Vec::new());
    for event in events(page) {
        match event {
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => headings.extend(heading.take().map(|text| slug(&text))),
            Event::Text(text) | Event::Code(text) => heading.iter_mut().for_each(|heading| heading.push_str(&text)),
            Event::Start(Tag::Link { dest_url, .. }) => links.extend(dest_url.strip_prefix('#').map(str::to_owned)),
            _ => {}
        }
    }
    links.into_iter().filter(|link| !headings.contains(link)).collect()
}

/// The anchor of a heading, as rustdoc makes it.
fn slug(heading: &str) -> String {
    let letters = heading.to_lowercase();
    let letters = letters.chars().filter(|letter| letter.is_alphanumeric() || [' ', '-', '_'].contains(letter));
    letters.map(|letter| if letter == ' ' { '-' } else { letter }).collect()
}

#[test]
fn each_link_holds_where_the_crate_is_published() {
    for (name, page) in pages() {
        // Of the documentation, rustdoc checks the paths of items.
        let is_item = |link: &String| name != "README.md" && (link.starts_with("crate::") || link.starts_with("std::"));
        let relative: Vec<_> = relative_links(&page).into_iter().filter(|link| !is_item(link)).collect();
        assert_eq!(relative, Vec::<String>::new(), "{name}");
        assert_eq!(lost_anchors(&page), Vec::<String>::new(), "{name}: links to headings");
    }
}

/// These tests find a fault where there is one.
#[test]
fn faults_are_found() {
    let table = "| a | b |\n|---|---|\n| `x\\|y` | [c](https://example.org) |\n";
    assert_eq!(raw_rows(table), Vec::<String>::new());
    assert_eq!(cut_rows(table), Vec::<String>::new());
    assert_eq!(raw_rows(&format!("{table}\n| e | f |\n| g | h |\n")), ["| e | f |", "| g | h |"]);
    assert_eq!(raw_rows("# Title\n| `e` | f |\n|---|---|---|\n").len(), 2);
    assert_eq!(cut_rows(&format!("{table}| e | f | g |\n")), ["| e | f | g |"]);
    assert_eq!(raw_rows("| *e* | f |\n\n- | g | h |\n"), ["| e | f |", "| g | h |"]);
    assert_eq!(raw_rows("```\n| e |\n```\n"), Vec::<String>::new());
    assert_eq!(cut_rows(&format!("{table}| e | f ||\n")), ["| e | f ||"]);
    assert_eq!(lost_anchors("# A `b`: c\n[d](#a-b-c) [e](#e)"), ["e"]);
    assert_eq!(relative_links("[a](docs/a.md) ![b](b.svg) [c](#c) [d](https://d)"), ["docs/a.md", "b.svg"]);
}
