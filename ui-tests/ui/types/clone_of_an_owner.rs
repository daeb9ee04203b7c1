use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let command = command! { "true", stdin: fd(file) };
    let _ = command.clone();
}
