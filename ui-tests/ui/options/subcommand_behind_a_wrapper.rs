use airtight::command;

fn main() {
    let _ = command! { "sudo", args: ["git", "-C", "/srv", "pull --rebase"] };
}
