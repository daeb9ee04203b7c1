use airtight::command;
use airtight::stdio::{Text, Unset};

struct Settings {
    path: String,
}

fn main() {
    let settings = Settings { path: String::new() };
    println!("{}", settings.path);
    let command: airtight::Command<Unset, Text> = command! { "true", stdout: text, args: [if settings.path.is_empty() { settings. }] };
    println!("{}", command.run().unwrap().stdout());
}
