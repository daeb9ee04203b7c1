//! Disassembles a release build: between clone and exec the child calls only its own functions, hence nothing that
//! panics, allocates or locks.

use airtight_tests::{proc_is_hidden, skipped};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The call and jump targets of each function.
type Calls = BTreeMap<String, BTreeSet<String>>;

/// The indirect calls in the assembly of the clone wrappers, on the two machines: the new child calls its entry there.
const TO_ENTRY: [&str; 2] = ["call *%r12", "blr x21"];

/// The entries of a child and of a daemon.
const ENTRIES: [&str; 2] = ["airtight::spawn::child::enter", "airtight::spawn::child::daemon::enter"];
/// The modules of the child's own functions: its steps, its system calls, and the state that `exec` notes and puts
/// back.
const OWN: [&str; 4] = [
    "airtight::spawn::child::",
    "airtight::spawn::sys::",
    "airtight::spawn::before::",
    "airtight::spawn::signals::Actions::",
];
/// The call of the user's `pre_exec` closure. Only a forked child reaches it, which may allocate and lock.
const HOOK: &str = "airtight::spawn::child::hook::call";

/// Builds a program that uses the crate, for release.
fn program(target: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("disassembled");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--release", "-p", "airtight-examples", "--example", "daemon"]);
    cargo.args(["--target", target, "--target-dir"]).arg(&folder);
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    if target.ends_with("musl") {
        // rust-lld links without a C compiler for that machine.
        let variable = format!("CARGO_TARGET_{}_LINKER", target.to_uppercase().replace('-', "_"));
        cargo.env(variable, "rust-lld");
    }
    let built = cargo.output().expect("cargo runs");
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    folder.join(target).join("release/examples/daemon")
}

/// Parses `objdump -d`: lines `0000 <function>:` and `  0000:  instruction operands <function+0x0>`.
fn calls(listing: &str) -> Calls {
    let (mut calls, mut current) = (Calls::new(), String::new());
    for line in listing.lines() {
        if let Some(name) = line.strip_suffix(">:").and_then(|line| line.split_once(" <")).map(|(_, name)| name) {
            current = plain(name);
            calls.entry(current.clone()).or_default();
            continue;
        }
        let Some((_, instruction)) = line.split_once(":\t") else { continue };
        let mut words = instruction.split_whitespace();
        let name = words.next().unwrap_or_default();
        let is_jump =
            name.starts_with('j') || name.starts_with("b.") || ["b", "cbz", "cbnz", "tbz", "tbnz"].contains(&name);
        let is_call = name.starts_with("call") || ["bl", "blr", "br"].contains(&name);
        if !is_jump && !is_call {
            continue;
        }
        let to = match instruction.split_once(" <") {
            Some((_, to)) => plain(to.strip_suffix('>').unwrap_or(to).split("+0x").next().unwrap_or_default()),
            None => words.fold(name.to_owned(), |text, word| text + " " + word),
        };
        if to != current {
            calls.entry(current.clone()).or_default().insert(to);
        }
    }
    calls
}

/// The name without its hash.
fn plain(name: &str) -> String {
    let (head, tail) = name.rsplit_once("::").unwrap_or((name, ""));
    let is_hash = tail.len() == 17 && tail.starts_with('h') && tail[1..].bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash { head.to_owned() } else { name.to_owned() }
}

/// All functions that the entries reach, up to the hook, each with a caller.
fn reached(calls: &Calls) -> BTreeMap<String, String> {
    let mut reached: BTreeMap<String, String> = BTreeMap::new();
    let mut to_visit: Vec<String> = ENTRIES.map(str::to_owned).to_vec();
    for entry in ENTRIES {
        assert!(calls.contains_key(entry), "there is no {entry}");
    }
    while let Some(function) = to_visit.pop() {
        for called in calls.get(&function).into_iter().flatten().filter(|called| *called != HOOK) {
            if reached.insert(called.clone(), function.clone()).is_none() {
                to_visit.push(called.clone());
            }
        }
    }
    reached
}

fn is_the_childs(function: &str) -> bool {
    OWN.iter().any(|own| function.starts_with(own)) || TO_ENTRY.contains(&function)
}

fn check(target: &str, objdump: &str) {
    let test = format!("the child's code for {target}");
    if Command::new(objdump).arg("--version").output().is_err() {
        return skipped(&test, &format!("needs {objdump}"));
    }
    let program = program(target);
    let output = Command::new(objdump).args(["-d", "-C", "--no-show-raw-insn"]).arg(&program).output();
    let listing = String::from_utf8(output.expect("it runs").stdout).expect("text");
    let calls = calls(&listing);
    let reached = reached(&calls);
    let others: Vec<_> = reached.iter().filter(|(function, _)| !is_the_childs(function)).collect();
    assert!(others.is_empty(), "foreign functions that the child reaches, with a caller each: {others:#?}");
    // A check of the test itself: the parent reaches all of these.
    let start = calls.iter().filter(|(function, _)| function.starts_with("airtight::spawn::"));
    let by_parent: BTreeSet<_> = start.flat_map(|(_, called)| called).collect();
    assert!(by_parent.iter().any(|function| !is_the_childs(function)), "{by_parent:?}");
    let shown: BTreeSet<_> = reached.keys().collect();
    airtight_tests::said(&test, &format!("{} functions beside the two entries: {shown:?}", reached.len()));
}

#[test]
fn on_this_machine() {
    if proc_is_hidden() {
        return skipped("the child's code for this machine", "the linker needs /proc");
    }
    let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
    check(&target, "objdump");
}

#[test]
fn on_aarch64() {
    if proc_is_hidden() {
        return skipped("the child's code for aarch64", "the linker needs /proc");
    }
    let target = "aarch64-unknown-linux-musl";
    let sysroot = Command::new("rustc").args(["--print", "target-libdir", "--target", target]).output();
    let folder = sysroot.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned()).unwrap_or_default();
    if !Path::new(&folder).exists() {
        return skipped("the child's code for aarch64", "needs the target aarch64-unknown-linux-musl");
    }
    check(target, "aarch64-linux-gnu-objdump");
}
