use airtight::command;

fn main() {
    let _ = command! { "true", handshake, shell_script: "x" };
}
