use airtight::command;

fn main() {
    let _ = command! { "true", stdout: file(secret("/x")), stdin: file(verbatim("/x")) };
}
