use airtight::command;

fn main() {
    let _ = command! { "true", args: [(secret("-p"), "x")] };
}
