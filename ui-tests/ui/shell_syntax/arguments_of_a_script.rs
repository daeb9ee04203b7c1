use airtight::command;

fn main() {
    let _ = command! { "ls", args: ["$@"] };
    let _ = command! { "ls", args: ["$1"] };
}
