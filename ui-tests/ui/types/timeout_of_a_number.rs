use airtight::command;

fn main() {
    let _ = command! { "true", timeout: 5 };
}
