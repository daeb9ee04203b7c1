use airtight::command;

fn main() {
    let _ = command! { "true", args: [verbatim("-a", "-b")] };
}
