//! Creates disk images with qemu-img, and parses its JSON description of them.

use airtight::{ErrorKind, command};
use airtight_examples::{Scratch, exit_code};
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    exit_code(make_and_inspect())
}

fn make_and_inspect() -> Result<(), Box<dyn Error>> {
    let scratch = Scratch::new("qemu-img")?;
    let (image, overlay) = (scratch.path().join("disk.qcow2"), scratch.path().join("overlay.qcow2"));
    create(&image, "64M", None).map_err(what_to_install)?;
    create(&overlay, "64M", Some(&image))?;
    for path in [&image, &overlay] {
        let info = command! { "qemu-img", args: ["info", "--output=json", "--", path], stdout: text }.run()?;
        let info: serde_json::Value = serde_json::from_str(info.stdout())?;
        let backing = info["backing-filename"].as_str().map(|path| format!(", over {path}")).unwrap_or_default();
        println!(
            "{}: {}, {} bytes{backing}",
            path.display(),
            info["format"].as_str().unwrap_or("?"),
            info["virtual-size"]
        );
    }
    let error =
        create(&scratch.path().join("no/such/folder.qcow2"), "1G", None).err().ok_or("it should have failed")?;
    println!("a failure: {error}");
    Ok(())
}

fn create(image: &Path, size: &str, backing: Option<&Path>) -> Result<(), airtight::Error> {
    command! {
        "qemu-img",
        args: [
            "create", "-q", "-f", "qcow2",
            if let Some(backing) = backing { [("-b", backing), ("-F", "qcow2")] },
            "--", image, size,
        ],
        env: pass_common,
        umask: 0o077,
    }
    .run()
    .map(drop)
}

fn what_to_install(error: airtight::Error) -> Box<dyn Error> {
    match error.kind() {
        ErrorKind::NotFound { .. } => {
            format!("{error}\nqemu-img is not installed: install the package qemu-utils (on Debian and Ubuntu)").into()
        }
        _ => error.into(),
    }
}
