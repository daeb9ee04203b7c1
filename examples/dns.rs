//! A name server to start: where it is, what it is told, and how it is asked.

use crate::query;
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A name that only this server knows.
pub const NAME: &str = "host.airtight.test";
/// Its address, one of those reserved for examples.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);

/// What goes wrong in an example.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The two places of dnsmasq in distributions.
///
/// # Errors
///
/// It is in neither: the error says what to install.
pub fn find() -> Result<PathBuf, Failure> {
    let found = ["/usr/bin/dnsmasq", "/usr/sbin/dnsmasq"].into_iter().map(PathBuf::from).find(|path| path.exists());
    found.ok_or_else(|| "dnsmasq is not installed: install the package dnsmasq-base (on Debian and Ubuntu)".into())
}

/// Writes a configuration into `folder`: the server answers on a free port of the loopback device. Gives the file and
/// the port.
///
/// # Errors
///
/// As binding a socket and writing a file.
pub fn configure(folder: &Path) -> std::io::Result<(PathBuf, u16)> {
    let (config, port) = (folder.join("dnsmasq.conf"), UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port());
    let listen = format!("port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\n");
    fs::write(&config, format!("{listen}host-record={NAME},{ADDRESS}\n"))?;
    Ok((config, port))
}

/// Asks until there is an answer, for five seconds, or until the server is over.
///
/// # Errors
///
/// That of the last question.
pub fn ask(port: u16, is_over: impl Fn() -> bool) -> Result<Ipv4Addr, Failure> {
    let begun = Instant::now();
    loop {
        match query::address_of(NAME, port) {
            Ok(address) => return Ok(address),
            Err(error) if is_over() || begun.elapsed() > Duration::from_secs(5) => return Err(error),
            Err(_) => std::thread::sleep(Duration::from_millis(50)),
        }
    }
}
