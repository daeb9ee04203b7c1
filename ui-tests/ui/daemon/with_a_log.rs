use airtight::command;

fn main() {
    let _ = command! { "cat", daemonize, stderr: log }.run().unwrap();
}
