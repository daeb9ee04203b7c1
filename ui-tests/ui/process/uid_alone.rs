use airtight::command;

fn main() {
    let _ = command! { "true", uid: 1000 };
}
