use airtight::command;

fn main() {
    let base = command! { "true", handshake };
    let _ = command! { ..base, daemonize };
}
