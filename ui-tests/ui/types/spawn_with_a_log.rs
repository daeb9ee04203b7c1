use airtight::command;

fn main() {
    let _ = command! { "cat", stderr: log }.spawn().unwrap();
}
