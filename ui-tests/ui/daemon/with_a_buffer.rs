use airtight::command;

fn main() {
    command! { "true", daemonize, stdout: buffer }.run().unwrap();
}
