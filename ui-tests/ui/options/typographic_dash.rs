use airtight::command;

fn main() {
    let _ = command! { "ls", args: ["–la"] };
    let _ = command! { "git", args: ["commit", "—amend"] };
}
