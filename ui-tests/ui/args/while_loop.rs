use airtight::command;

fn main() {
    let _ = command! { "true", args: [while true { "-v" }] };
}
