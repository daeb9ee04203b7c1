use airtight::command;

fn main() {
    let _ = command! { "true", env: < A = 1 };
}
