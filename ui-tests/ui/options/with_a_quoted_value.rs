use airtight::command;

fn main() {
    let _ = command! { "git", args: ["commit", "-m 'fix it'"] };
}
