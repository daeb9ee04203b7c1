//! dnsmasq as a daemon: in a session of its own, with a locked pidfile. If this process is root, it runs as another
//! user with a single capability. The example queries it, then stops it by its pid.

use airtight::fds::NoFds;
use airtight::mode::Daemonized;
use airtight::status::Success;
use airtight::stdio::Unset;
use airtight::{Command, command};
use airtight_examples::{Scratch, dns, exit_code};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// A daemon without pipes, captured streams or descriptors.
type DaemonCommand = Command<Unset, Unset, Unset, Success, NoFds, Daemonized>;

fn main() -> ExitCode {
    exit_code(serve_and_ask())
}

fn serve_and_ask() -> Result<(), dns::Failure> {
    let dnsmasq = dns::find()?;
    let scratch = Scratch::new("daemon")?;
    let (config, port) = dns::configure(scratch.path())?;
    let pidfile = scratch.path().join("dnsmasq.pid");
    let server = server(&dnsmasq, &config, &pidfile);
    println!("starting: {server:#}");

    let daemon = server.run()?;
    println!("process {} wrote {}", std::fs::read_to_string(&pidfile)?.trim(), pidfile.display());
    let asked = dns::ask(port, || !is_running(daemon.id()));

    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.id()))?;
    // SAFETY: takes no pointers; the daemon runs, since it has just answered.
    unsafe { libc::kill(daemon.id() as libc::pid_t, libc::SIGTERM) };
    let begun = Instant::now();
    while is_running(daemon.id()) && begun.elapsed() < Duration::from_secs(5) {
        std::thread::sleep(Duration::from_millis(10));
    }

    println!("127.0.0.1:{port} answered: {} has the address {}", dns::NAME, asked?);
    let shown = ["Uid", "Groups", "CapPrm", "CapEff", "CapBnd", "CapAmb"];
    let lines = status.lines().filter(|line| shown.iter().any(|key| line.starts_with(key)));
    lines.for_each(|line| println!("  {line}"));
    if is_running(daemon.id()) {
        return Err("the daemon does not end".into());
    }
    println!("stopped");
    Ok(())
}

fn server(dnsmasq: &Path, config: &Path, pidfile: &Path) -> DaemonCommand {
    let server = command! {
        dnsmasq,
        args: ["--keep-in-foreground", "--conf-file" = config, "--pid-file="],
        env: pass_common,
        umask: 0o022,
        limits: [core = 0],
        daemonize,
        pidfile: pidfile,
    };
    // SAFETY: a query without pointers.
    match unsafe { libc::geteuid() } {
        0 => command! { ..server, user: "nobody", caps: keep(NET_BIND_SERVICE) },
        _ => command! { ..server, caps: clear },
    }
}

/// Whether it runs. A zombie that its new parent has not reaped yet does not count.
fn is_running(pid: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
