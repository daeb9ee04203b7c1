#![deny(unused_must_use)]
use airtight::command;

fn main() {
    command! { "sleep", args: [1] }.spawn().unwrap();
    command! { "sleep", args: [1] }.background().unwrap();
    command! { "sleep", args: [1], handshake }.spawn().unwrap();
}
