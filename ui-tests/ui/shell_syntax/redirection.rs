use airtight::command;

fn main() {
    let _ = command! { "dmesg", args: [">", "/tmp/log"] };
    let _ = command! { "dmesg", args: ["2>/dev/null"] };
    let _ = command! { "dmesg", args: [">>/var/log/x"] };
    let _ = command! { "dmesg", args: ["2>&1"] };
    let _ = command! { "sort", args: ["<", "list"] };
}
