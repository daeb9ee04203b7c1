use airtight::command;

fn main() {
    let _ = command! { "cargo", args: ["build --release"] };
    let _ = command! { "systemctl", args: ["--user", "restart --no-block", "foo.service"] };
}
