#![deny(unused_must_use)]

use airtight::command;

fn main() {
    command! { "true", handshake }.spawn().unwrap();
}
