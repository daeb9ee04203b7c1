//! The messages are recorded in `ui/`. Here is the code shared by tests that compile packages of their own.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Writes a package in `folder` that depends on `airtight`. It lies outside the workspace, with the versions of this
/// Cargo.lock, so that cargo fetches nothing.
///
/// # Panics
///
/// If the folder cannot be written.
pub fn package(folder: &Path, name: &str) -> PathBuf {
    let package = folder.join(name);
    std::fs::create_dir_all(package.join("src")).expect("a folder");
    let runtime = concat!(env!("CARGO_MANIFEST_DIR"), "/../runtime");
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n\
         airtight = {{ path = {runtime:?}, default-features = false }}\n\n[workspace]\n"
    );
    std::fs::write(package.join("Cargo.toml"), manifest).expect("a manifest");
    let lock = concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock");
    std::fs::copy(lock, package.join("Cargo.lock")).expect("a lock file");
    package
}

/// Runs cargo with `args` on a package whose main file is `source`.
///
/// # Panics
///
/// If the source cannot be written or cargo cannot be run.
pub fn cargo(package: &Path, words: &[&str], source: &str) -> Output {
    std::fs::write(package.join("src/main.rs"), source).expect("a source file");
    let (subcommand, options) = words.split_first().expect("a subcommand");
    Command::new(env!("CARGO"))
        .args([subcommand, "--quiet", "--offline"])
        .args(options)
        .current_dir(package)
        // Beside the packages: what they depend on is built once for all of them.
        .env("CARGO_TARGET_DIR", package.with_file_name("packages"))
        .env_remove("RUSTFLAGS")
        .output()
        .expect("cargo runs")
}

/// Writes to stderr that a test was skipped; the test harness does not capture it.
pub fn skipped(test: &str, why: &str) {
    said(&format!("SKIPPED {test}: {why}"));
}

/// Writes to stderr past the harness's capture: one write that begins with a newline, since other tests write too.
pub fn said(line: &str) {
    use std::io::Write;
    drop(std::io::stderr().write_all(format!("\n{line}\n").as_bytes()));
}
