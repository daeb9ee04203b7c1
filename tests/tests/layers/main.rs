//! The modules of both packages depend on each other in one direction: as the tables of ARCHITECTURE.md say.

mod source;
mod tables;

use airtight_tests::Folder;
use source::Sources;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tables::Table;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn check_layers(package: &str) {
    let sources = Sources::read(&root().join(package));
    let table = Table::read(&root().join("ARCHITECTURE.md"), package);
    let mut wrong = table.modules().filter(|module| !sources.has(module)).fold(String::new(), |wrong, module| {
        wrong + &format!("{package}: the table names `{module}`, which is no module\n")
    });
    for (file, used) in sources.arrows() {
        let (Some(from), Some(to)) = (table.layer(file), table.layer(used)) else {
            let missing = if table.layer(file).is_none() { file } else { used };
            wrong += &format!("{package}: `{missing}` has no layer\n");
            continue;
        };
        let is_sibling = from == to && table.module(file) != table.module(used);
        if from < to || is_sibling {
            wrong += &format!("{package}: `{file}` (layer {from}) uses `{used}` (layer {to})\n");
        }
    }
    for path in sources.to_the_root() {
        wrong += &format!("{package}: an item of the root is used, which has no layer: {path}\n");
    }
    assert!(wrong.is_empty(), "{wrong}");
}

fn check_circles(package: &str) {
    let sources = Sources::read(&root().join(package));
    let mut arrows: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (file, used) in sources.arrows() {
        arrows.entry(file).or_default().insert(used);
    }
    let circles = circles(&arrows);
    assert!(circles.is_empty(), "{package}: files that use each other:\n{}", described(&circles, &arrows));
}

/// The groups of more than one file of which each reaches each other.
fn circles<'a>(arrows: &BTreeMap<&'a str, BTreeSet<&'a str>>) -> Vec<Vec<&'a str>> {
    let reached = |from: &'a str| {
        let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
        while let Some(file) = next.pop() {
            next.extend(arrows.get(file).into_iter().flatten().filter(|used| seen.insert(**used)));
        }
        seen
    };
    let all: BTreeMap<_, _> = arrows.keys().map(|file| (*file, reached(file))).collect();
    let together = |file: &'a str| {
        all[file].iter().copied().filter(|other| all.get(other).is_some_and(|back| back.contains(file))).collect()
    };
    let groups: BTreeSet<Vec<&str>> = all.keys().map(|file| together(file)).collect();
    groups.into_iter().filter(|group| group.len() > 1).collect()
}

fn described(circles: &[Vec<&str>], arrows: &BTreeMap<&str, BTreeSet<&str>>) -> String {
    let mut text = String::new();
    for circle in circles {
        for file in circle {
            let used: Vec<_> = arrows[file].iter().filter(|used| circle.contains(used)).copied().collect();
            text += &format!("  {file} -> {}\n", used.join(", "));
        }
        text += "\n";
    }
    text
}

#[test]
fn no_module_of_the_macros_uses_a_higher_layer() {
    check_layers("macros/src");
}

#[test]
fn no_module_of_the_runtime_uses_a_higher_layer() {
    check_layers("runtime/src");
}

#[test]
fn no_files_of_the_macros_use_each_other() {
    check_circles("macros/src");
}

#[test]
fn no_files_of_the_runtime_use_each_other() {
    check_circles("runtime/src");
}

/// Every way to name an item of another file is an arrow to it.
#[test]
fn each_path_is_found() {
    for named in [
        "use crate::high::Item;",
        "use super::{high::Item as Other};",
        "use crate::high::*;",
        "pub(crate) use crate::high::Item;",
        "use crate::facade::Item;",
        "fn f() { crate::high::f() }",
        "fn f() { self::super::high::f() }",
        "fn f(_: crate::high::Item) {}",
        "struct S { field: super::high::Item }",
        "static A: crate::high::Item = crate::high::ITEM;",
        "fn f<T: crate::high::Bound>() {}",
        "fn f() { S { a: crate::high::ITEM } }",
        "macro_rules! m { () => { $crate::high::f() } }",
        "mod inner { fn f(_: super::super::high::Item) {} }",
    ] {
        let folder = Folder::new();
        let write = |name: &str, text: &str| std::fs::write(folder.join(name), text).expect("a source");
        write("lib.rs", "mod high; mod low; mod facade;");
        write("facade.rs", "pub(crate) use crate::high::Item;");
        write("high.rs", "pub(crate) struct Item;");
        write("low.rs", named);
        let sources = Sources::read(folder.path());
        assert!(sources.arrows().any(|arrow| arrow == ("low", "high")), "{named}");
        assert_eq!(sources.to_the_root().count(), 0, "{named}");
    }
    for named in ["use crate as root;", "use crate::*;", "fn f() { crate::f() }"] {
        let folder = Folder::new();
        std::fs::write(folder.join("lib.rs"), "mod low; fn f() {}").expect("a source");
        std::fs::write(folder.join("low.rs"), named).expect("a source");
        assert_eq!(Sources::read(folder.path()).to_the_root().count(), 1, "{named}");
    }
}
