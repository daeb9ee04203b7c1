use airtight::command;

fn main() {
    let _ = command! { "grep", args: ["a*b", "*.txt"] };
}
