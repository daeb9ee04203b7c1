use airtight::command;

fn main() {
    let _ = command! { "git", args: ["commit", "--message" = "'fix it'"] };
}
