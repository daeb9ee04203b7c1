//! The name server of the examples: its path, its configuration, a query.

use crate::query;
use std::error::Error;
use std::fs;
use std::net::{Ipv4Addr, UdpSocket};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A name that only this server resolves.
pub const NAME: &str = "host.airtight.test";
/// The address of that name, one of those reserved for documentation.
const ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 0, 2, 53);

/// Any error of an example.
pub type Failure = Box<dyn Error + Send + Sync>;

/// The path of dnsmasq, in one of the two places where distributions install it.
///
/// # Errors
///
/// If it is in neither place. The error says what to install.
pub fn find() -> Result<PathBuf, Failure> {
    let found = ["/usr/bin/dnsmasq", "/usr/sbin/dnsmasq"].into_iter().map(PathBuf::from).find(|path| path.exists());
    found.ok_or_else(|| "dnsmasq is not installed: install the package dnsmasq-base (on Debian and Ubuntu)".into())
}

/// Writes a configuration into `folder`, by which the server answers on a free port of the loopback device. Returns the
/// path of the file, and the port.
///
/// # Errors
///
/// Any error of binding the socket or writing the file.
pub fn configure(folder: &Path) -> std::io::Result<(PathBuf, u16)> {
    let (config, port) = (folder.join("dnsmasq.conf"), UdpSocket::bind("127.0.0.1:0")?.local_addr()?.port());
    let listen = format!("port={port}\nlisten-address=127.0.0.1\nbind-interfaces\nno-resolv\nno-hosts\n");
    fs::write(&config, format!("{listen}host-record={NAME},{ADDRESS}\n"))?;
    Ok((config, port))
}

/// Repeats the query until there is an answer, for at most five seconds, or until the server has ended.
///
/// # Errors
///
/// The error of the last query.
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
