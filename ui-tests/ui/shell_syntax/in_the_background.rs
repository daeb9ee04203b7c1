use airtight::command;

fn main() {
    let _ = command! { "sleep", args: ["60", "&"] };
}
