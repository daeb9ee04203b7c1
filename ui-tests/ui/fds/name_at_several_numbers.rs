use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let _ = command! { "true", args: [fd(file)], fds: [5 = &file, 6 = &file] };
}
