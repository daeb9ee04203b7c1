use airtight::command;

fn main() {
    let _ = command! { "echo", args: ["“hello”"] };
}
