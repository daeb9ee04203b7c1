use airtight::command;

fn main() {
    let _ = command! { "true", process_group: true, daemonize = 1 };
    let _ = command! { "true", handshake: false, nice: 5 };
    let _ = command! { "true", session: terminal };
}
