use airtight::command;

fn main() {
    let _ = command! { "cat", daemonize, stdout: lines(|_| ()) }.run().unwrap();
}
