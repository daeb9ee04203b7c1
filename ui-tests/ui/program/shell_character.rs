use airtight::command;

fn main() {
    let _ = command! { "ls;" };
    let _ = command! { "/usr/bin/*sh" };
}
