use airtight::command;

fn main() {
    let _ = command! { "fish", args: ["--command=ls"] };
    let _ = command! { "pwsh", args: ["-NoProfile", "-Command", "ls"] };
    let _ = command! { "cmd.exe", args: ["/C", "dir"] };
}
