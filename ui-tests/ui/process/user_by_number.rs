use airtight::command;

fn main() {
    let _ = command! { "true", user: 65534 };
}
