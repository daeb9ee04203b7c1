use airtight::command;

fn main() {
    let _ = command! { "true", descendants, umask: 0o022 };
}
