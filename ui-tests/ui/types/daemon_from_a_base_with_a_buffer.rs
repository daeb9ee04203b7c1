use airtight::command;

fn main() {
    let base = command! { "true", stdout: buffer };
    let _ = command! { ..base, daemonize }.run();
}
