//! A package of declarations, compiled outside the workspace.

use crate::declaration::Row;
use airtight_ui_tests::{cargo, package};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Output;

pub(crate) struct Scratch {
    folder: PathBuf,
}

/// The compiler's verdict on one declaration.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Refused {
    pub(crate) messages: Vec<String>,
    pub(crate) rules: Vec<String>,
}

/// The number of lines before the first declaration.
const HEAD: &str = "use airtight::command;\nfn main() {\nlet value = \
    std::env::args().nth(1).unwrap_or_default();\nlet value = value.as_str();\n";

impl Scratch {
    pub(crate) fn new(name: &str) -> Scratch {
        let folder = package(Path::new(env!("CARGO_TARGET_TMPDIR")), name);
        Scratch { folder }
    }

    /// Compiles the declarations, one statement each; returns the errors by the index of the declaration.
    pub(crate) fn check(&self, declarations: &[String]) -> BTreeMap<usize, Refused> {
        let body: String = declarations.iter().map(|one| format!("let _ = {one};\n")).collect();
        let output = cargo(&self.folder, &["check", "--message-format=json"], &format!("{HEAD}{body}}}\n"));
        let first = HEAD.lines().count();
        let mut refused: BTreeMap<usize, Refused> = BTreeMap::new();
        for message in errors(&output) {
            let span = &message["spans"][0]["line_start"];
            let line = span.as_u64().unwrap_or_else(|| panic!("an error without a source location: {message}"));
            let row = refused.entry(line as usize - 1 - first).or_default();
            let text = message["message"].as_str().unwrap_or_default();
            row.messages.push(text.to_owned());
            let rule = text.rsplit_once("note: rule `").map(|(_, rule)| rule.trim_end_matches('`').to_owned());
            row.rules.extend(rule);
        }
        assert!(output.status.success() || !refused.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
        refused
    }

    /// Runs each with hostile computed values; returns its outcome, such as `refused` with the name of the rule.
    pub(crate) fn run(&self, rows: &[&Row]) -> Vec<String> {
        const HOSTILE_OPTION: &str = "--output=/dev/null";
        const HOSTILE_PROGRAM: &str = "ls; touch /tmp/injected";
        let body: String = rows
            .iter()
            .map(|row| {
                let value = if row.detect == "guard" { HOSTILE_OPTION } else { HOSTILE_PROGRAM };
                format!("{{ let value = {value:?}; say({}.run().map(drop)); }}\n", row.declaration())
            })
            .collect();
        let say = "fn say(ran: Result<(), airtight::Error>) {\n    match ran {\n        Err(error) => match error.kind() {\n            \
                   airtight::ErrorKind::Refused { rule, .. } => println!(\"refused {rule}\"),\n            \
                   _ => println!(\"{error}\"),\n        },\n        Ok(()) => println!(\"it ran\"),\n    }\n}\n";
        let output = cargo(&self.folder, &["run"], &format!("{HEAD}{body}}}\n{say}"));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
        assert_eq!(lines.len(), rows.len());
        lines
    }
}

fn errors(output: &Output) -> Vec<Value> {
    let lines = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>();
    let messages = lines.iter().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let errors = messages.filter(|line| line["message"]["level"] == "error").map(|line| line["message"].clone());
    errors.filter(|message| message["spans"].as_array().is_some_and(|spans| !spans.is_empty())).collect()
}
