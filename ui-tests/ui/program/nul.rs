use airtight::command;

fn main() {
    let _ = command! { "to\0ol" };
}
