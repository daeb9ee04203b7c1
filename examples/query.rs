//! One query to a DNS server (RFC 1035).

use std::error::Error;
use std::net::{Ipv4Addr, UdpSocket};
use std::time::Duration;

const ID: [u8; 2] = [0x41, 0x54];
const TYPE_A: [u8; 2] = [0, 1];
const CLASS_IN: [u8; 2] = [0, 1];

/// The first address in the answer of a server on the loopback device.
pub(crate) fn address_of(name: &str, port: u16) -> Result<Ipv4Addr, Box<dyn Error + Send + Sync>> {
    let socket = UdpSocket::bind("127.0.0.1:0")?;
    socket.set_read_timeout(Some(Duration::from_millis(300)))?;
    socket.connect(("127.0.0.1", port))?;
    let question = question(name);
    socket.send(&question)?;
    let mut answer = [0; 512];
    let length = socket.recv(&mut answer)?;
    let answer = answer.get(..length).ok_or("truncated answer")?;
    if answer.get(..2) != Some(&ID) || answer.get(6..8) != Some(&[0, 1]) {
        return Err("the server does not know the name".into());
    }
    // One record follows the question: name (a pointer), type, class, time to live, length, address.
    let record = answer.get(question.len()..).and_then(|record| record.get(..16)).ok_or("truncated record")?;
    match (&record[2..6], &record[10..12]) {
        ([0, 1, 0, 1], [0, 4]) => Ok(Ipv4Addr::new(record[12], record[13], record[14], record[15])),
        _ => Err("the record is not an address".into()),
    }
}

fn question(name: &str) -> Vec<u8> {
    // Flags: recursion desired. One question.
    let mut message = [&ID[..], &[1, 0, 0, 1, 0, 0, 0, 0, 0, 0]].concat();
    for label in name.split('.') {
        message.push(label.len() as u8);
        message.extend_from_slice(label.as_bytes());
    }
    message.push(0);
    message.extend_from_slice(&TYPE_A);
    message.extend_from_slice(&CLASS_IN);
    message
}
