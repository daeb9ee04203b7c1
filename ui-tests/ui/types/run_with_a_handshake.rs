use airtight::command;

fn main() {
    command! { "true", handshake }.run().unwrap();
}
