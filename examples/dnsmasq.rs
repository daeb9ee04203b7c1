//! Starts dnsmasq in the foreground, with a configuration written here, on a free port of the loopback device. Queries
//! it, then stops it.

use airtight::{Command, command};
use airtight_examples::{Scratch, dns, exit_code};
use std::fs;
use std::path::Path;
use std::process::ExitCode;
use std::time::Duration;

fn main() -> ExitCode {
    exit_code(serve_and_ask())
}

fn serve_and_ask() -> Result<(), dns::Failure> {
    let dnsmasq = dns::find()?;
    println!("{}", version(&dnsmasq)?);

    let scratch = Scratch::new("dnsmasq")?;
    let (config, port) = dns::configure(scratch.path())?;
    let pidfile = scratch.path().join("dnsmasq.pid");
    let server = server(&dnsmasq, &config, &pidfile);
    println!("starting: {server:#}");

    let (running, asked) = std::thread::scope(|scope| {
        let running = scope.spawn(move || server.run());
        let asked = dns::ask(port, || running.is_finished());
        stop(&pidfile, || running.is_finished());
        (running.join(), asked)
    });
    // The server's own error comes first: it explains a bad configuration, where the query only fails.
    running.map_err(|_| "the thread of the server panicked")??;
    println!("127.0.0.1:{port} answered: {} has the address {}", dns::NAME, asked?);
    Ok(())
}

fn version(dnsmasq: &Path) -> Result<String, airtight::Error> {
    let version = if dnsmasq.starts_with("/usr/bin") {
        command! { "/usr/bin/dnsmasq", args: ["--version"], env: pass_common + <TERM = "xterm">, stdout: buffer }
            .run()?
    } else {
        command! { dnsmasq, args: ["--version"], env: pass_common + <TERM = "xterm">, stdout: buffer }.run()?
    };
    let text = String::from_utf8_lossy(version.stdout()).into_owned();
    Ok(text.lines().next().unwrap_or("dnsmasq printed no version").to_owned())
}

fn server(dnsmasq: &Path, config: &Path, pidfile: &Path) -> Command {
    command! {
        dnsmasq,
        args: [
            "--keep-in-foreground",
            "--log-facility=-",
            "--conf-file" = config,
            "--pid-file" = pidfile,
        ],
        env: pass_common,
        cwd: "/",
        umask: 0o022,
    }
}

/// Sends SIGTERM to the server, which then exits with success.
fn stop(pidfile: &Path, is_over: impl Fn() -> bool) {
    while !is_over() {
        if let Some(pid) = fs::read_to_string(pidfile).ok().and_then(|pid| pid.trim().parse().ok()) {
            // SAFETY: the process has written its own pid to the file, and still runs.
            unsafe { libc::kill(pid, libc::SIGTERM) };
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
