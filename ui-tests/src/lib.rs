//! What the messages are made of is in `ui/`. Here is what the tests that compile packages of their own share.

use std::path::{Path, PathBuf};

/// A package in `folder` that depends on `airtight`, outside the workspace, resolved to the same versions so that nothing
/// is fetched.
///
/// # Panics
///
/// Where the folder cannot be written.
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

/// Says that a test did not run, past the harness's capture.
pub fn skipped(test: &str, why: &str) {
    said(&format!("SKIPPED {test}: {why}"));
}

/// Says something past the harness's capture, in one write and on a line of its own: other tests speak too.
pub fn said(line: &str) {
    use std::io::Write;
    drop(std::io::stderr().write_all(format!("\n{line}\n").as_bytes()));
}
