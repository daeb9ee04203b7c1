use airtight::command;

fn main() {
    let _ = command! { "true", limits: 1024 };
}
