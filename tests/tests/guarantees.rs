//! The page of guarantees: each test that it names exists, and the list of `unsafe` blocks matches the source.
//! `AIRTIGHT_BLESS=1` writes the list anew.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn page() -> PathBuf {
    root().join("runtime/docs/guarantees.md")
}

#[test]
fn each_test_that_is_named_is_there() {
    let page = std::fs::read_to_string(page()).expect("the page");
    let mut named = 0;
    for line in page.lines().filter(|line| line.starts_with("| ") && line.ends_with("` |")) {
        let Some((file, test)) = line.rsplit('`').nth(1).and_then(|name| name.split_once("::")) else { continue };
        let path = match file {
            "airtight-macros" => root().join("macros/src/entry/tests.rs"),
            _ => airtight_tests::test_file(file),
        };
        let source = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // A macro may define the test, on a line that begins with the test's name.
        let is_there = source.contains(&format!("fn {test}(")) || source.contains(&format!("    {test} "));
        assert!(is_there, "there is no {file}::{test}");
        named += 1;
    }
    assert!(named > 30, "{named} tests are named");
}

const HEAD: &str = "# Where `unsafe` stands";

#[test]
fn each_unsafe_block_is_listed() {
    let mut list = format!(
        "{HEAD}\n\n\
         Every `unsafe` block, `unsafe impl` and foreign declaration of the crate outside its tests, and the invariant\n\
         that it relies on. The rest of the crate denies `unsafe`, and the macros have none. Clippy refuses a block\n\
         without a SAFETY comment (`undocumented_unsafe_blocks`).\n\n\
         | file | block | relies on |\n|---|---|---|\n"
    );
    let mut files = Vec::new();
    sources(&root().join("runtime/src"), &mut files);
    files.sort();
    let mut count = 0;
    for file in files {
        let source = std::fs::read_to_string(&file).expect("a source");
        let source = source.split("\n#[cfg(test)]\nmod ").next().unwrap_or_default();
        let name = file.strip_prefix(root().join("runtime/src")).expect("below it").display().to_string();
        for (what, why) in blocks(source) {
            let _ = writeln!(list, "| {name} | {what} | {why} |");
            count += 1;
        }
    }
    let macros = root().join("macros/src");
    let mut of_macros = Vec::new();
    sources(&macros, &mut of_macros);
    for file in of_macros {
        let source = std::fs::read_to_string(&file).expect("a source");
        assert!(blocks(&source).is_empty(), "{} has an unsafe block", file.display());
    }
    assert!(count > 100, "{count} blocks were found");
    let page_now = std::fs::read_to_string(page()).expect("the page");
    let promises = page_now.split(HEAD).next().unwrap_or_default();
    let made = format!("{promises}{list}");
    if std::env::var_os("AIRTIGHT_BLESS").is_some() {
        return std::fs::write(page(), made).expect("the page");
    }
    assert!(
        page_now == made,
        "the list of unsafe blocks is not that of the source: write it anew with AIRTIGHT_BLESS=1"
    );
}

fn sources(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            sources(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Each block: the function that it calls, and its SAFETY comment.
fn blocks(source: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = source.lines().map(str::trim).collect();
    let mut blocks = Vec::new();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| !line.starts_with("//")) {
        let starts = ["unsafe {", "unsafe impl", "unsafe extern \"C\" {"];
        let Some(at) = starts.iter().find_map(|start| line.find(start)) else { continue };
        // `unsafe` inside a string, or inside a pattern of the grammar, is not a block.
        if line[..at].matches('"').count() % 2 == 1 {
            continue;
        }
        let inside = line[at..].trim_start_matches("unsafe {").trim();
        let inside = if inside.is_empty() { lines.get(index + 1).copied().unwrap_or_default() } else { inside };
        blocks.push((what(inside), why(&lines[..=index])));
    }
    blocks
}

/// The name of the called function.
fn what(inside: &str) -> String {
    let text = match inside.split_once("sys!(") {
        Some((_, call)) => {
            let name = call.trim_start_matches("@ ").split([',', ')']).next().unwrap_or_default();
            name.trim_start_matches("SYS_").to_owned()
        }
        None => inside.split(['(', '{', ';']).next().unwrap_or_default().trim().to_owned(),
    };
    format!("`{}`", text.replace('|', "\\|"))
}

/// The SAFETY comment above, which may span several lines.
fn why(lines: &[&str]) -> String {
    let Some(from) = lines.iter().rposition(|line| line.starts_with("// SAFETY: ")) else { return String::from("–") };
    let comment = lines[from..].iter().take_while(|line| line.starts_with("//"));
    let words: Vec<_> =
        comment.map(|line| line.trim_start_matches("//").trim().trim_start_matches("SAFETY: ")).collect();
    let text = words.join(" ").replace('|', "\\|");
    // "as above" refers to the previous reason: use that one.
    match (text.starts_with("as above") || text.starts_with("as before"), from) {
        (true, 1..) => why(&lines[..from]),
        _ => text,
    }
}
