use airtight::command;

fn main() {
    let _ = command! { "true", daemonize, stdout: file_buffer };
}
