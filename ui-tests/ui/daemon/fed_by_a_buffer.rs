use airtight::command;

fn main() {
    let _ = command! { "cat", daemonize, stdin: buffer("x") }.run().unwrap();
}
