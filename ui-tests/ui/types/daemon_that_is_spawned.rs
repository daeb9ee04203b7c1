use airtight::command;

fn main() {
    command! { "true", daemonize }.spawn().unwrap();
}
