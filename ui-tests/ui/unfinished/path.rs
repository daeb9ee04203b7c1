use airtight::command;
use airtight::stdio::{Text, Unset};

struct Settings {
    path: String,
}

fn main() {
    let settings = Settings { path: String::new() };
    println!("{}", settings.path);
    let command: airtight::Command<Unset, Text> = command! { "true", stdout: text, cwd: settings. };
    println!("{}", command.run().unwrap().stdout());
}
