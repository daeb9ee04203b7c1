use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let number = 5;
    let _ = command! { "true", fds: [number = &file] };
}
