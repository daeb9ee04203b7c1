use airtight::command;

fn main() {
    let _ = command! { "true", status: success(0, 256, -1, "2") };
}
