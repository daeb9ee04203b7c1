//! The complete example of libvirt's page on spawning processes, `src/util/hooks.c`: a hook script of the administrator
//! is given four arguments, a document on its stdin, and a minimal environment.

use airtight::{Error, command};
use airtight_examples::Scratch;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Runs the hook of a driver. Whatever goes wrong is in the error: that there is no hook, that it is not executable,
/// how it ended and what it said last.
fn run_hook(
    hooks: &Path,
    driver: &str,
    id: &str,
    operation: &str,
    phase: &str,
    extra: &str,
    input: &str,
) -> Result<(), Error> {
    command! {
        hooks.join(driver),
        args: [id, operation, phase, extra],
        env: pass_common,
        stdin: buffer(input),
    }
    .run()?;
    Ok(())
}

/// A hook as an administrator writes it: notes what it is told, and has an opinion.
const HOOK: &str = r#"#!/bin/sh
{
    echo "called with: $*"
    echo "document: $(cat)"
    echo "variables: $(env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e '^_$' | sort | tr '\n' ' ')"
} >> "$(dirname "$0")/log"
if [ "$2" = migrate ]; then
    echo "no domain leaves this host" >&2
    exit 1
fi
"#;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let scratch = Scratch::new("hooks")?;
    let hook = scratch.path().join("qemu");
    fs::write(&hook, HOOK)?;
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755))?;
    let domain = "<domain type='kvm'><name>web1</name></domain>";

    run_hook(scratch.path(), "qemu", "web1", "prepare", "begin", "-", domain)?;
    println!("The hook ran, and noted:\n");
    fs::read_to_string(scratch.path().join("log"))?.lines().for_each(|line| println!("  {line}"));

    println!("\nWhat the caller hears when it cannot be run, or refuses:\n");
    let refused = run_hook(scratch.path(), "qemu", "web1", "migrate", "begin", "-", domain);
    let missing = run_hook(scratch.path(), "lxc", "web1", "start", "begin", "-", domain);
    let injected = run_hook(scratch.path(), "qemu", "--help", "start", "begin", "-", domain);
    for failed in [refused, missing, injected] {
        println!("  {}", failed.err().ok_or("it should have failed")?);
    }
    Ok(())
}
