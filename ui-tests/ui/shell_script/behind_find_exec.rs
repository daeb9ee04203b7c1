use airtight::command;

fn main() {
    let _ = command! { "find", args: [".", "-type", "f", "-exec", "sh", "-c", "rm \"$1\"", "sh", "{}", ";"] };
}
