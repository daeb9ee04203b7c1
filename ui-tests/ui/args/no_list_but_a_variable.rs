use airtight::command;

fn main() {
    let list = ["--version"];
    let _ = command! { "true", args: list };
}
