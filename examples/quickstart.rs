//! Prints a declaration, and the state that the child observed. Needs only a base system.
//!
//! The child is this program again: with the argument `report` it prints its own state.

use airtight::command;
use std::error::Error;
use std::fs::{self, File};
use std::os::fd::AsRawFd;

fn main() -> Result<(), Box<dyn Error>> {
    if std::env::args().nth(1).as_deref() == Some("report") {
        report();
    }
    // State that could leak: a descriptor without close-on-exec, and a variable that the child must not get.
    let open = File::open("/etc/passwd")?;
    let inheritable = leaky_copy(&open)?;
    let this = std::env::current_exe()?;
    let (subject, verbose, tags) = ("a subject; rm -rf /", true, ["red", "blue"]);
    let mtu: Option<u32> = None;

    // declared:
    let report = command! {
        this,
        args: [
            "report",
            "--subject" = subject,
            ("--mtu", mtu),
            if verbose { "--verbose" },
            for tag in tags { ("--tag", tag) },
        ],
        env: pass_common + { TERM = "xterm", API_TOKEN = secret("not-for-logs") },
        cwd: "/",
        umask: 0o027,
        stdin: buffer("fed to the child\n"),
        stdout: text,
        status: code,
    };
    // :declared

    println!("The declaration in quickstart.rs:\n");
    let source = include_str!("quickstart.rs").lines();
    let declared = source.skip_while(|line| line.trim() != "// declared:").skip(1);
    declared.take_while(|line| line.trim() != "// :declared").for_each(println_line);

    println!("\nThe command as text:\n\n  {report}\n");
    println!("The parent has descriptor {inheritable} open without close-on-exec. The state of the child:\n");
    let output = report.run()?;
    print!("{}", output.stdout());
    println!("  status       {}", output.status());

    println!("\nErrors of commands that fail:\n");
    for error in [
        command! { "ls", args: ["/nonexistent"] }.run().err(),
        command! { "no-such-program" }.run().err(),
        command! { "rm", args: [String::from("-rf")] }.run().err(),
    ] {
        println!("  {}", error.ok_or("it should have failed")?);
    }
    Ok(())
}

fn println_line(line: &str) {
    println!("{line}");
}

/// Duplicates the descriptor of `file` without close-on-exec, which Rust would set.
fn leaky_copy(file: &File) -> std::io::Result<i32> {
    // SAFETY: a new descriptor, left open on purpose until this process exits.
    match unsafe { libc::dup(file.as_raw_fd()) } {
        -1 => Err(std::io::Error::last_os_error()),
        copy => Ok(copy),
    }
}

/// Runs in the child.
fn report() -> ! {
    let mut descriptors: Vec<String> = fs::read_dir("/proc/self/fd")
        .map(|entries| entries.flatten().map(|entry| (entry.file_name(), fs::read_link(entry.path()))))
        .into_iter()
        .flatten()
        // Without the descriptor that reads the folder: it is closed by now.
        .filter_map(|(number, link)| link.ok().map(|link| format!("{} {}", number.display(), link.display())))
        .filter(|line| !line.ends_with(&format!("/{}/fd", std::process::id())))
        .collect();
    descriptors.sort();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let umask = status.lines().find_map(|line| line.strip_prefix("Umask:")).unwrap_or("?").trim().to_owned();
    let stdin = std::io::read_to_string(std::io::stdin()).unwrap_or_default();
    let environment = std::env::vars().map(|(name, value)| format!("{name}={value}"));
    list("argv", std::env::args().map(|word| format!("{word:?}")));
    list("environment", environment);
    list("descriptors", descriptors);
    list("directory", std::env::current_dir().map(|cwd| cwd.display().to_string()));
    list("umask", [umask]);
    list("stdin", [format!("{stdin:?}")]);
    std::process::exit(3);
}

fn list(name: &str, lines: impl IntoIterator<Item = String>) {
    for (index, line) in lines.into_iter().enumerate() {
        println!("  {:<12} {line}", if index == 0 { name } else { "" });
    }
}
