//! The complete example of libvirt's page on spawning processes, `src/util/hooks.c`: runs an administrator's hook
//! script with four arguments, a document on stdin and a minimal environ.

use airtight::{Error, command};
use airtight_examples::Scratch;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// Runs the hook of a driver. The error covers all cases: no hook, a hook that is not executable, a failed exit with
/// the end of its stderr.
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

/// A hook as an administrator writes it: logs its input, and refuses migrations.
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
    println!("The log of the hook:\n");
    fs::read_to_string(scratch.path().join("log"))?.lines().for_each(|line| println!("  {line}"));

    println!("\nErrors that the caller gets:\n");
    let refused = run_hook(scratch.path(), "qemu", "web1", "migrate", "begin", "-", domain);
    let missing = run_hook(scratch.path(), "lxc", "web1", "start", "begin", "-", domain);
    let injected = run_hook(scratch.path(), "qemu", "--help", "start", "begin", "-", domain);
    for failed in [refused, missing, injected] {
        println!("  {}", failed.err().ok_or("it should have failed")?);
    }
    Ok(())
}
