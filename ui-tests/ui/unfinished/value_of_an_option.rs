use airtight::command;
use airtight::stdio::{Text, Unset};

fn main() {
    let command: airtight::Command<Unset, Text> = command! { "true", stdout: text, args: [("--a", )] };
    println!("{}", command.run().unwrap().stdout());
}
