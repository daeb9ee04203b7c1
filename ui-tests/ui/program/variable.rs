use airtight::command;

fn main() {
    let file = String::from("x");
    let _ = command! { "$EDITOR", args: [file] };
}
