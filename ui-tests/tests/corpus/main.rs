//! Measures the precision of the rules: real command lines and real mistakes are turned into declarations and compiled.
//!
//! The two files are not part of this repository. They are in `shared/corpus` beside it, or in the folder that
//! `AIRTIGHT_CORPUS` names; without them the test says that it was skipped.

mod declaration;
mod scratch;

use declaration::Row;
use scratch::{Refused, Scratch};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Real command lines that are refused although they give no script to a shell: bugs of their projects.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("/usr/bin/caffeinate", "-t 5", "`-t` and its value are one argument, which caffeinate does not know"),
    ("", "", "an empty name: a test of what happens then"),
    ("./target/release/rust-analyzer", "", "a relative path: the current directory decides what is run"),
];

/// Mistakes that only concern another system.
const OTHER_SYSTEMS: &[&str] = &["bat-program"];

fn corpus(file: &str) -> Option<String> {
    let beside = concat!(env!("CARGO_MANIFEST_DIR"), "/../../shared/corpus");
    let folder = std::env::var_os("AIRTIGHT_CORPUS").map_or_else(|| PathBuf::from(beside), PathBuf::from);
    match std::fs::read_to_string(folder.join(file)) {
        Ok(text) => Some(text),
        Err(error) => {
            airtight_ui_tests::skipped("corpus", &format!("{}: {error}", folder.join(file).display()));
            None
        }
    }
}

#[test]
fn real_command_lines_compile() {
    let Some(text) = corpus("real-calls.jsonl") else { return };
    let rows: Vec<Row> = text.lines().map(Row::real).collect();
    assert!(rows.len() > 1_000, "{} command lines", rows.len());
    let scratch = Scratch::new("corpus-real");
    let refused = scratch.check(&rows.iter().map(Row::declaration).collect::<Vec<_>>());
    let is_script = |refused: &Refused| refused.rules.iter().any(|rule| rule == "shell_script");
    let scripts = refused.values().filter(|refused| is_script(refused)).count();
    let others = refused.iter().filter(|(_, refused)| !is_script(refused));
    let unexpected: Vec<_> = others.filter(|(row, _)| !is_listed(&rows[**row])).collect();
    for (row, refused) in &unexpected {
        println!("{}\n    {}", rows[**row].declaration(), refused.messages.join("\n    "));
    }
    let count = format!(
        "real command lines: {}, scripts for a shell: {scripts}, other refusals: {}",
        rows.len(),
        refused.len() - scripts
    );
    airtight_ui_tests::said(&count);
    assert!(unexpected.is_empty(), "{} command lines are refused and not listed as mistakes", unexpected.len());
    assert!((60..=110).contains(&scripts), "{scripts} scripts for a shell");
    for (program, argument, _) in MISTAKES {
        assert!(refused.keys().any(|row| rows[*row].has(program, argument)), "{program} {argument} is not refused");
    }
    // Accepted declarations must type-check too.
    let accepted = (0..rows.len()).filter(|row| !refused.contains_key(row)).map(|row| rows[row].declaration());
    assert_eq!(scratch.check(&accepted.collect::<Vec<_>>()), BTreeMap::new());
}

fn is_listed(row: &Row) -> bool {
    MISTAKES.iter().any(|(program, argument, _)| row.has(program, argument))
}

#[test]
fn real_mistakes_are_refused() {
    let Some(text) = corpus("misuse.jsonl") else { return };
    let rows: Vec<Row> = text.lines().map(Row::mistake).collect();
    assert!(rows.len() > 50, "{} mistakes", rows.len());
    let rows: Vec<Row> = rows.into_iter().filter(|row| !OTHER_SYSTEMS.contains(&row.class.as_str())).collect();
    let scratch = Scratch::new("corpus-misuse");
    let refused = scratch.check(&rows.iter().map(Row::declaration).collect::<Vec<_>>());
    let mut missed = Vec::new();
    let mut at_run_time = Vec::new();
    for (index, row) in rows.iter().enumerate() {
        let compile_time = refused.contains_key(&index);
        match row.detect.as_str() {
            "guard" if compile_time => missed.push((row.declaration(), "refused too early".to_owned())),
            // Only the name of the program is known here, not its options.
            "shape" if row.is_all_computed() => at_run_time.push(row),
            "guard" => at_run_time.push(row),
            _ if !compile_time => missed.push((row.declaration(), row.why.clone())),
            _ => {}
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
    for (row, outcome) in at_run_time.iter().zip(scratch.run(&at_run_time)) {
        let expected = if row.detect == "guard" { "option_injection" } else { "" };
        assert!(outcome.starts_with("refused") && outcome.contains(expected), "{}: {outcome}", row.declaration());
    }
    let count = format!("mistakes: {}, refused while compiling: {}", rows.len(), refused.len());
    airtight_ui_tests::said(&format!("{count}, refused by run: {}", at_run_time.len()));
}
