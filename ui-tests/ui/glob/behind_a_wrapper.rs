use airtight::command;

fn main() {
    let _ = command! { "sudo", args: ["chown", "-R", "a:b", "/srv/*"] };
}
