use airtight::command;

fn main() {
    let _ = command! { "true", stdin: buffer(5) };
}
