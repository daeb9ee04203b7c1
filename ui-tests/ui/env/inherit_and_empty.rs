use airtight::command;

fn main() {
    let _ = command! { "true", env: inherit + empty };
}
