use airtight::command;

fn main() {
    let _ = command! { "make", args: ["&&", "make", "install"] };
}
