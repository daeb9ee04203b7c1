use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let _ = command! { "true", fds: &file };
}
