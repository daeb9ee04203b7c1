use airtight::command;

fn main() {
    let _ = command! { "true", timeout: after(limit) };
}
