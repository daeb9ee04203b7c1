use airtight::command;

fn main() {
    let _ = command! { "sudo", args: ["rm -rf /tmp/x"] };
    let _ = command! { "find", args: [".", "-exec", "cat {} | wc -l", ";"] };
    let _ = command! { "nohup", args: ["cd", "/tmp"] };
}
