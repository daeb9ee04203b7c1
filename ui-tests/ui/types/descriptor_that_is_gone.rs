use airtight::command;

fn main() {
    let file = std::fs::File::open("/dev/null").unwrap();
    let command = command! { "true", stdin: fd(&file) };
    drop(file);
    command.run().unwrap();
}
