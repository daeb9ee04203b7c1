use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let _ = command! { "true", args: [fd(fiel), format!("/dev/fd/{}", fd(other))], fds: [&file] };
}
