use airtight::command;

fn main() {
    let _ = command! { "find", args: [".", "-name", "'*.rs'"] };
    let _ = command! { "git", args: ["commit", "--message=\"fix it\""] };
}
