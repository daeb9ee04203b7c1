use airtight::command;

fn main() {
    let list = ["--version"];
    let _ = command! { "true", args: [1..3, ..=list] };
}
