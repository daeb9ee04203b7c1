use airtight::command;

fn main() {
    let _ = command! { "true", handshake, pre_exec: unsafe { f } };
}
