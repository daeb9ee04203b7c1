use airtight::command;

fn main() {
    let _ = command! { "touch", args: ["my\\ file"] };
}
