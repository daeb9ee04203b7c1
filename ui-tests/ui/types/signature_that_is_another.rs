use airtight::{Command, command};

fn main() {
    let _ = listing();
}

fn listing() -> Command {
    command! { "ls", stdout: text }
}
