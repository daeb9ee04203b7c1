use airtight::command;

fn main() {
    let _ = command! { "true", daemonize, descendants: kill };
}
