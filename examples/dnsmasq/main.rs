//! Starts the real dnsmasq in the foreground, with a configuration written here, on a free port of the loopback device,
//! asks it for a name, and stops it.

mod query;

use airtight::{Command, command};
use airtight_examples::Scratch;
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A name that only this server knows, and its address: both reserved for examples.
const NAME: &str = "host.airtight.test";
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);

fn main() -> ExitCode {
    match serve_and_ask() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn serve_and_ask() -> Result<(), Box<dyn Error + Send + Sync>> {
    let dnsmasq = find().ok_or("dnsmasq is not installed: install the package dnsmasq-base (on Debian and Ubuntu)")?;
    println!("{}", version(&dnsmasq)?);

    let scratch = Scratch::new("dnsmasq")?;
    let (config, pidfile) = (scratch.path().join("dnsmasq.conf"), scratch.path().join("dnsmasq.pid"));
    let port = free_port()?;
    fs::write(
        &config,
        format!(
            "port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\nhost-record={NAME},{ADDRESS}\n"
        ),
    )?;
    let server = server(&dnsmasq, &config, &pidfile);
    println!("starting: {server:#}");

    let (running, asked) = std::thread::scope(|scope| {
        let running = scope.spawn(move || server.run());
        let asked = ask(port, || running.is_finished());
        stop(&pidfile, || running.is_finished());
        (running.join(), asked)
    });
    // Its own error first: what it says of a bad configuration is worth more than that it did not answer.
    running.map_err(|_| "the thread of the server panicked")??;
    println!("127.0.0.1:{port} answered: {NAME} has the address {}", asked?);
    Ok(())
}

/// The two places of distributions.
fn find() -> Option<PathBuf> {
    ["/usr/bin/dnsmasq", "/usr/sbin/dnsmasq"].into_iter().map(PathBuf::from).find(|path| path.exists())
}

fn version(dnsmasq: &Path) -> Result<String, airtight::Error> {
    let version = if dnsmasq.starts_with("/usr/bin") {
        command! { "/usr/bin/dnsmasq", args: ["--version"], env: pass_common + <TERM = "xterm">, stdout: buffer }
            .run()?
    } else {
        command! { dnsmasq, args: ["--version"], env: pass_common + <TERM = "xterm">, stdout: buffer }.run()?
    };
    let text = String::from_utf8_lossy(version.stdout()).into_owned();
    Ok(text.lines().next().unwrap_or("it does not tell its version").to_owned())
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

fn free_port() -> std::io::Result<u16> {
    Ok(UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port())
}

/// Asks until there is an answer, for five seconds.
fn ask(port: u16, is_over: impl Fn() -> bool) -> Result<Ipv4Addr, Box<dyn Error + Send + Sync>> {
    let begun = Instant::now();
    loop {
        match query::address_of(NAME, port) {
            Ok(address) => return Ok(address),
            Err(error) if is_over() || begun.elapsed() > Duration::from_secs(5) => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}

/// Tells the server to end, which it takes for success.
fn stop(pidfile: &Path, is_over: impl Fn() -> bool) {
    while !is_over() {
        if let Some(pid) = fs::read_to_string(pidfile).ok().and_then(|pid| pid.trim().parse().ok()) {
            // SAFETY: a signal to the process that wrote its number here, and that still runs.
            unsafe { libc::kill(pid, libc::SIGTERM) };
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}
