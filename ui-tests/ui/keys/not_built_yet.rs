use airtight::command;

fn main() {
    let _ = command! { "true", fds: [&file], handshake, shell_script: "x" };
}
