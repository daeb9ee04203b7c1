use airtight::command;

fn main() {
    let _ = command! { "git", args: ["log --oneline", "|", "~", "$HOME", "'x'"], stdot: text };
}
