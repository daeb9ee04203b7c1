use airtight::command;

fn main() {
    let _ = command! { "rm", args: ["-rf", "/var/cache/[a-z]*"] };
}
