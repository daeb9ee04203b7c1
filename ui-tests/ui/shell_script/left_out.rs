use airtight::command;

fn main() {
    let _ = command! { "sh", args: ["-c"] };
}
