use airtight::command;

fn main() {
    let _ = command! { "true", umask: "022" };
}
