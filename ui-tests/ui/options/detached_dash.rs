use airtight::command;

fn main() {
    let _ = command! { "ls", args: ["- la"] };
}
