//! Every documented rule has a recorded message, and a test of what it accepts.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn rules() -> BTreeSet<String> {
    let page = fs::read_to_string(here("../runtime/docs/rules.md")).expect("the page of the rules");
    let names = page.lines().filter_map(|line| line.strip_prefix("| `")?.split_once('`'));
    names.map(|(name, _)| name.to_owned()).collect()
}

/// The rules that the recorded messages name.
fn named_in_messages() -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    for family in fs::read_dir(here("ui")).expect("the families") {
        let family = family.expect("a family").path();
        for file in fs::read_dir(family).expect("a family") {
            let path = file.expect("a file").path();
            if path.extension().is_some_and(|extension| extension == "stderr") {
                let messages = fs::read_to_string(path).expect("messages");
                let names = messages.split("note: rule `").skip(1).filter_map(|rest| rest.split_once('`'));
                named.extend(names.map(|(name, _)| name.to_owned()));
            }
        }
    }
    named
}

#[test]
fn each_has_a_message_and_each_message_a_rule() {
    assert!(rules().len() > 30, "{:?}", rules());
    assert_eq!(rules(), named_in_messages());
}

#[test]
fn each_has_a_neighbour_that_compiles() {
    let source = fs::read_to_string(here("../tests/tests/behaviour/neighbours.rs")).expect("the neighbours");
    let without: Vec<_> = rules().into_iter().filter(|rule| !source.contains(&format!("fn {rule}()"))).collect();
    assert!(without.is_empty(), "{without:?}");
}
